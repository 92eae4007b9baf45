namespace MailServer.Domain.Mailboxes;

/// <summary>How much of its quota a mailbox uses, in octets of messages; no limit when <paramref name="Limit"/> is null.</summary>
public readonly record struct QuotaUse(long Used, long? Limit)
{
    // What an administrator should hear of, in percent.
    private static readonly int[] s_marks = [95, 80];

    public bool IsFull => Used >= Limit;

    public int Percent => Limit is > 0 and var limit ? (int)Math.Min(int.MaxValue, Used * 100.0 / limit) : 0;

    /// <summary>The highest of 80 and 95 percent that is reached; 0 when neither is.</summary>
    public int Mark
    {
        get
        {
            var percent = Percent;
            return Array.Find(s_marks, mark => percent >= mark);
        }
    }

    /// <summary>Whether so many octets more may be filed.</summary>
    public bool Takes(long size) => Limit is not { } limit || Used + size <= limit;
}
