namespace MailServer.Domain.Ordering;

/// <summary>Sorts messages by several criteria (RFC 5256 §3).</summary>
public static class MessageSorter
{
    /// <summary>Returns the positions 0 to <paramref name="count"/> - 1 in the order of the columns, the first of which has priority; equal messages stay in mailbox order.</summary>
    public static int[] Sort(int count, IReadOnlyList<SortColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        var all = columns.ToArray();
        Array.Sort(order, (left, right) => Compare(all, left, right));
        return order;
    }

    private static int Compare(SortColumn[] columns, int left, int right)
    {
        foreach (var column in columns)
            if (column.Compare(left, right) is not 0 and var order) return order;
        return left.CompareTo(right);
    }
}
