"""A sentence that no query of the tests matches: it makes texts longer without changing what is found."""

FILLER = "活动由办公室主持，相关处室负责人参加，并就下一步安排交换了意见。"
