namespace MailServer.Domain.Mailboxes;

/// <summary>The quota usage of a mailbox in octets; <paramref name="Limit"/> is null for no limit.</summary>
public readonly record struct QuotaUsage(long Used, long? Limit)
{
    // Usage levels that are logged for administrators, in percent.
    private static readonly int[] Marks = [95, 80];

    public bool IsFull => Used >= Limit;

    public int Percent => Limit is > 0 and var limit ? (int)Math.Min(int.MaxValue, Used * 100.0 / limit) : 0;

    /// <summary>The highest warning level reached, 80 or 95 percent; 0 below that.</summary>
    public int WarningLevel
    {
        get
        {
            var percent = Percent;
            return Array.Find(Marks, mark => percent >= mark);
        }
    }

    /// <summary>True if this many more octets fit into the quota.</summary>
    public bool HasRoomFor(long size) => Limit is not { } limit || Used + size <= limit;
}
