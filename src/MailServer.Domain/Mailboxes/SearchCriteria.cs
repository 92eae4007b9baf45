namespace MailServer.Domain.Mailboxes;

/// <summary>A SEARCH program (RFC 9051 §6.4.4), with sequence numbers converted to UIDs and texts to Unicode.</summary>
public abstract record SearchCriteria
{
    private SearchCriteria() { }

    public sealed record All : SearchCriteria;

    /// <summary>Messages that have all of these system flags.</summary>
    public sealed record HasFlags(SystemFlags Flags) : SearchCriteria;

    public sealed record HasKeyword(string Keyword) : SearchCriteria;

    /// <summary>Messages with this UID or a higher one; null for none. Sent by nodes of older versions, for <c>\Recent</c>.</summary>
    public sealed record Recent(Uid? From) : SearchCriteria;

    /// <summary>Ascending, inclusive ranges.</summary>
    public sealed record Uids(UidSet Set) : SearchCriteria;

    /// <summary>Messages with a header field that contains a text; an empty text tests whether the field exists.</summary>
    public sealed record Header(string Field, string Value) : SearchCriteria;

    public sealed record Body(string Value) : SearchCriteria;

    /// <summary>Messages that contain a text in the header or the body.</summary>
    public sealed record AnyText(string Value) : SearchCriteria;

    /// <summary>Internal date (day in its own zone) or day of the Date field, before <paramref name="Before"/> (exclusive) and since <paramref name="Since"/> (inclusive).</summary>
    public sealed record DateRange(bool Sent, DateOnly? Since, DateOnly? Before) : SearchCriteria;

    /// <summary>Age by the internal date in seconds (RFC 5032): at least <paramref name="Least"/>, at most <paramref name="Most"/>.</summary>
    public sealed record Age(long? Least, long? Most) : SearchCriteria;

    /// <summary>Messages with this mod-sequence or a higher one (RFC 7162 §3.1.5).</summary>
    public sealed record ModSeqFrom(ModSeq Value) : SearchCriteria;

    /// <summary>The day (UTC) on which the message came into its folder (RFC 8514), with the bounds of <see cref="DateRange"/>.</summary>
    public sealed record SavedRange(DateOnly? Since, DateOnly? Before) : SearchCriteria;

    /// <summary>Messages whose content has this identifier (RFC 8474).</summary>
    public sealed record EmailId(string Value) : SearchCriteria;

    /// <summary>Size in octets, strictly larger or strictly smaller.</summary>
    public sealed record SizeRange(long? LargerThan, long? SmallerThan) : SearchCriteria;

    public sealed record Not(SearchCriteria Inner) : SearchCriteria;

    public sealed record And(IReadOnlyList<SearchCriteria> Inner) : SearchCriteria;

    public sealed record Or(SearchCriteria Left, SearchCriteria Right) : SearchCriteria;
}
