"""What formats of traced tensors share: calls, layers in the making, and the operators' handlers.

A format translates every node into a `Call`, arguments by the names that handlers use (ATen's, what
an operator works on as `input`), and maps its operators' names to handlers. So a new operator is
one handler here, a row in `pytorch/operators`, and in the ONNX reader a `translation` of arguments.
"""
