namespace MailServer.Domain.Mailboxes;

/// <summary>A SEARCH program (RFC 9051 §6.4.4) with sequence numbers already turned into UIDs and texts into Unicode.</summary>
public abstract record SearchCriteria
{
    private SearchCriteria() { }

    public sealed record All : SearchCriteria;

    /// <summary>Messages with all of these system flags.</summary>
    public sealed record HasFlags(SystemFlags Flags) : SearchCriteria;

    public sealed record HasKeyword(string Keyword) : SearchCriteria;

    /// <summary>Messages from this UID on: what is <c>\Recent</c> for the asking session. Null: none.</summary>
    public sealed record Recent(Uid? From) : SearchCriteria;

    /// <summary>Ascending, inclusive ranges.</summary>
    public sealed record Uids(UidSet Set) : SearchCriteria;

    /// <summary>A field contains a text; an empty text asks whether the field is there.</summary>
    public sealed record Header(string Field, string Value) : SearchCriteria;

    public sealed record Body(string Value) : SearchCriteria;

    /// <summary>Header or body.</summary>
    public sealed record AnyText(string Value) : SearchCriteria;

    /// <summary>Internal date (its day, in its own zone) or the Date field's day, before <paramref name="Before"/> (exclusive) and from <paramref name="Since"/> on.</summary>
    public sealed record Dated(bool Sent, DateOnly? Since, DateOnly? Before) : SearchCriteria;

    /// <summary>Strictly larger than, strictly smaller than, octets.</summary>
    public sealed record Sized(long? LargerThan, long? SmallerThan) : SearchCriteria;

    public sealed record Not(SearchCriteria Inner) : SearchCriteria;

    public sealed record And(IReadOnlyList<SearchCriteria> Inner) : SearchCriteria;

    public sealed record Or(SearchCriteria Left, SearchCriteria Right) : SearchCriteria;
}
