-- Grain: pattern: the value table that maps the HR status of any system to three states; the first by priority wins, else active.
select priority, how, pattern, status
from (
    values
        (1, 'contains', 'terminat', 'terminated'),
        (2, 'is', 'inactive', 'terminated'),
        (3, 'is', 'left', 'terminated'),
        (4, 'is', 'former', 'terminated'),
        (5, 'is', 'on_leave', 'on_leave'),
        (6, 'is', 'on leave', 'on_leave'),
        (7, 'is', 'leave', 'on_leave')
) as value_table (priority, how, pattern, status)
