"""The few array operations that evaluation consists of, in two twins held equal by a property test.

`plain` needs the standard library alone: for little work, and for commands that must start at once. `numpy_` is for
much work. Both keep sets of documents and scores in forms of their own, which callers only pass back:

    decode_positions(bytes)                         → places, ascending
    documents_of_lists(postings, lists, blocks, block) → Occurrences
    follow(places, others, distance)             → the places that have one of the others at this distance
    documents(places, blocks, block)             → Occurrences
    decode_words(bytes, documents)               → Occurrences
    add(occurrences, occurrences)                → Occurrences of both
    weigh((Occurrences, weight of field)…, k1)   → a match: documents with their weights; size(match)
    value_at(match or occurrences, document)     → its weight or number there, 0 without
    sum_of(matches with factors, members, documents) → the members' scores
    lowered(scores, members, column, factor)     → the scores, times the factor where the column is not zero
    holding(matches with factors, least, documents) → documents whose matches have factors of this sum at least, a set
    everything(documents), nowhere(documents), having(match, documents) → a set; intersect, unite, subtract
    with_codes(column, codes), between(column, first, last) → a set
    members(set)                                 → the documents of a set, ascending
    split(members, set)                          → those in the set, and the others
    counts(column, members)                      → counts by code; count_of, most, newest
    ordered(members, scores, days, ids, sort, end) → the first of them in the order asked for
"""
