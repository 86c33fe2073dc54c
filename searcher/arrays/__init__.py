"""The few array operations that evaluation consists of, in two twins held equal by a property test.

`plain` needs the standard library alone: for little work, and for commands that must start at once. `numpy_` is for
much work. Both keep sets of documents and scores in forms of their own, which callers only pass back:

    decode_places(bytes)                         → places, ascending
    documents_of_lists(postings, lists, blocks, block) → Occurrences
    follow(places, others, distance)             → the places that have one of the others at this distance
    documents(places, blocks, block)             → Occurrences
    decode_words(bytes, documents)               → Occurrences
    new_scores(documents)                        → scores, all zero
    add_scores(scores, title, body, lengths, factor, parameters)
    everything(documents), having(occurrences…)  → a set; intersect, unite, subtract, size, is_in
    with_codes(column, codes), with_values(starts, values, codes), between(column, first, last, documents) → a set
    members(set)                                 → the documents of a set, ascending
    count(column, members), count_values(starts, values, members) → code → how many of them have it
    ordered(members, exact, scores, days, ids, sort, end) → the first of them in the order asked for
"""
