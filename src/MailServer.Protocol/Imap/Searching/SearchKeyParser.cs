using System.Collections.Frozen;
using System.Text;
using System.Text.Unicode;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>Parses search-key (RFC 3501 §6.4.4, §9; RFC 5032).</summary>
internal static class SearchKeyParser
{
    private const int MaxName = 20;

    private delegate SearchKey? ReadArguments(ref ImapReader reader);

    private static readonly FrozenDictionary<string, ReadArguments>.AlternateLookup<ReadOnlySpan<char>> Keys =
        new Dictionary<string, ReadArguments>(StringComparer.OrdinalIgnoreCase)
        {
            ["ALL"] = (ref _) => Plain(new SearchCriteria.All()),
            ["ANSWERED"] = (ref _) => Has(SystemFlags.Answered),
            ["UNANSWERED"] = (ref _) => HasNot(SystemFlags.Answered),
            ["DELETED"] = (ref _) => Has(SystemFlags.Deleted),
            ["UNDELETED"] = (ref _) => HasNot(SystemFlags.Deleted),
            ["DRAFT"] = (ref _) => Has(SystemFlags.Draft),
            ["UNDRAFT"] = (ref _) => HasNot(SystemFlags.Draft),
            ["FLAGGED"] = (ref _) => Has(SystemFlags.Flagged),
            ["UNFLAGGED"] = (ref _) => HasNot(SystemFlags.Flagged),
            ["SEEN"] = (ref _) => Has(SystemFlags.Seen),
            ["UNSEEN"] = (ref _) => HasNot(SystemFlags.Seen),
            ["RECENT"] = (ref _) => new SearchKey.Recent(),
            ["OLD"] = (ref _) => new SearchKey.Not(new SearchKey.Recent()),
            ["NEW"] = (ref _) => new SearchKey.And([new SearchKey.Recent(), HasNot(SystemFlags.Seen)]),
            ["KEYWORD"] = (ref reader) => Keyword(ref reader),
            ["UNKEYWORD"] = (ref reader) => Negate(Keyword(ref reader)),
            ["BCC"] = (ref reader) => Field(ref reader, "Bcc"),
            ["CC"] = (ref reader) => Field(ref reader, "Cc"),
            ["FROM"] = (ref reader) => Field(ref reader, "From"),
            ["SUBJECT"] = (ref reader) => Field(ref reader, "Subject"),
            ["TO"] = (ref reader) => Field(ref reader, "To"),
            ["HEADER"] = (ref reader) => Header(ref reader),
            ["BODY"] = (ref reader) => Text(ref reader, out var text) ? Plain(new SearchCriteria.Body(text)) : null,
            ["TEXT"] = (ref reader) => Text(ref reader, out var text) ? Plain(new SearchCriteria.AnyText(text)) : null,
            ["BEFORE"] = (ref reader) => Dated(ref reader, sent: false, since: false, before: true),
            ["ON"] = (ref reader) => Dated(ref reader, sent: false, since: true, before: true),
            ["SINCE"] = (ref reader) => Dated(ref reader, sent: false, since: true, before: false),
            ["SENTBEFORE"] = (ref reader) => Dated(ref reader, sent: true, since: false, before: true),
            ["SENTON"] = (ref reader) => Dated(ref reader, sent: true, since: true, before: true),
            ["SENTSINCE"] = (ref reader) => Dated(ref reader, sent: true, since: true, before: false),
            ["SAVEDBEFORE"] = (ref reader) => Dates(ref reader, since: false, before: true, out var from, out var to) ? Plain(new SearchCriteria.SavedRange(from, to)) : null,
            ["SAVEDON"] = (ref reader) => Dates(ref reader, since: true, before: true, out var from, out var to) ? Plain(new SearchCriteria.SavedRange(from, to)) : null,
            ["SAVEDSINCE"] = (ref reader) => Dates(ref reader, since: true, before: false, out var from, out var to) ? Plain(new SearchCriteria.SavedRange(from, to)) : null,
            ["SAVEDATESUPPORTED"] = (ref _) => Plain(new SearchCriteria.All()),
            ["EMAILID"] = (ref reader) => ObjectId(ref reader, out var id) ? Plain(new SearchCriteria.EmailId(id)) : null,
            // RFC 8474 §5.2: no message has one.
            ["THREADID"] = (ref reader) => ObjectId(ref reader, out _) ? new SearchKey.Not(Plain(new SearchCriteria.All())) : null,
            ["LARGER"] = (ref reader) => Size(ref reader, out var size) ? Plain(new SearchCriteria.SizeRange(size, null)) : null,
            ["SMALLER"] = (ref reader) => Size(ref reader, out var size) ? Plain(new SearchCriteria.SizeRange(null, size)) : null,
            ["OLDER"] = (ref reader) => Interval(ref reader, out var seconds) ? Plain(new SearchCriteria.Age(seconds, null)) : null,
            ["YOUNGER"] = (ref reader) => Interval(ref reader, out var seconds) ? Plain(new SearchCriteria.Age(null, seconds)) : null,
            ["MODSEQ"] = (ref reader) => ModSeq(ref reader),
            ["UID"] = (ref reader) => reader.ReadSpace() && reader.ReadSequenceSet(out var set) ? new SearchKey.MessageSet(set, IsUid: true) : null,
            ["NOT"] = (ref reader) => Negate(Argument(ref reader)),
            ["OR"] = (ref reader) => Argument(ref reader) is { } left && Argument(ref reader) is { } right ? new SearchKey.Or(left, right) : null,
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Keys separated by spaces; a message must match all of them.</summary>
    public static SearchKey? ReadKeys(ref ImapReader reader)
    {
        var keys = new List<SearchKey>();
        do
        {
            if (ReadKey(ref reader) is not { } key) return null;
            keys.Add(key);
        }
        while (reader.ReadSpace());
        return keys.Count == 1 ? keys[0] : new SearchKey.And(keys);
    }

    private static SearchKey? ReadKey(ref ImapReader reader)
    {
        if (reader.Rest is [(byte)'*' or (byte)'$' or (>= (byte)'0' and <= (byte)'9'), ..])
            return reader.ReadSequenceSet(out var set) ? new SearchKey.MessageSet(set, IsUid: false) : null;
        if (reader.Rest is [(byte)'(', ..])
            return reader.Open() && ReadKeys(ref reader) is { } inner && reader.Close() ? inner : null;
        Span<char> name = stackalloc char[MaxName];
        if (!reader.ReadAtom(out var atom) || atom.Length > name.Length) return null;
        Encoding.ASCII.GetChars(atom, name);
        return Keys.TryGetValue(name[..atom.Length], out var read) ? read(ref reader) : null;
    }

    private static SearchKey? Argument(ref ImapReader reader)
    {
        if (!reader.Enter() || !reader.ReadSpace()) return null;
        var key = ReadKey(ref reader);
        reader.Leave();
        return key;
    }

    private static SearchKey.Criterion Plain(SearchCriteria criteria) => new(criteria);

    private static SearchKey.Criterion Has(SystemFlags flag) => Plain(new SearchCriteria.HasFlags(flag));

    private static SearchKey.Not HasNot(SystemFlags flag) => new(Has(flag));

    private static SearchKey.Not? Negate(SearchKey? key) => key is null ? null : new SearchKey.Not(key);

    private static SearchKey.Criterion? Keyword(ref ImapReader reader) =>
        reader.ReadSpace() && ImapFlags.ReadKeyword(ref reader, out var keyword) ? Plain(new SearchCriteria.HasKeyword(keyword)) : null;

    private static SearchKey.Criterion? Field(ref ImapReader reader, string field) =>
        Text(ref reader, out var text) ? Plain(new SearchCriteria.Header(field, text)) : null;

    private static SearchKey.Criterion? Header(ref ImapReader reader) =>
        Text(ref reader, out var field) && field.Length > 0 && Text(ref reader, out var text) ? Plain(new SearchCriteria.Header(field, text)) : null;

    // Both accepted charsets are read as UTF-8, because US-ASCII is a subset of it.
    private static bool Text(ref ImapReader reader, out string text)
    {
        text = "";
        if (!reader.ReadSpace() || !reader.ReadAString(out var octets) || !Utf8.IsValid(octets)) return false;
        text = Encoding.UTF8.GetString(octets);
        return true;
    }

    private static bool Size(ref ImapReader reader, out long size)
    {
        size = 0;
        return reader.ReadSpace() && reader.ReadDigits(out size);
    }

    // RFC 5032 §3: a number of seconds.
    private static bool Interval(ref ImapReader reader, out uint seconds)
    {
        seconds = 0;
        return reader.ReadSpace() && reader.ReadNonZero(out seconds);
    }

    // RFC 7162 §3.1.5: MODSEQ ["/flags/name" priv|shared|all] n. Every message has one mod-sequence, so the names are read and ignored.
    private static SearchKey.Criterion? ModSeq(ref ImapReader reader)
    {
        if (!reader.ReadSpace()) return null;
        if (reader.Rest is [(byte)'"', ..] && !ReadEntry(ref reader)) return null;
        return reader.ReadModSeq(out var from) ? Plain(new SearchCriteria.ModSeqFrom(from)) : null;
    }

    private static bool ReadEntry(ref ImapReader reader) =>
        reader.ReadString(out var entry) && entry.Length > FlagsEntry.Length && Ascii.EqualsIgnoreCase(entry[..FlagsEntry.Length], FlagsEntry) && reader.ReadSpace()
        && (reader.TryReadWord("priv "u8) || reader.TryReadWord("shared "u8) || reader.TryReadWord("all "u8));

    private static ReadOnlySpan<byte> FlagsEntry => "/flags/"u8;

    private static SearchKey.Criterion? Dated(ref ImapReader reader, bool sent, bool since, bool before)
    {
        return Dates(ref reader, since, before, out var from, out var to) ? Plain(new SearchCriteria.DateRange(sent, from, to)) : null;
    }

    private static bool Dates(ref ImapReader reader, bool since, bool before, out DateOnly? from, out DateOnly? to)
    {
        (from, to) = (null, null);
        if (!reader.ReadSpace() || !ImapDates.ReadDate(ref reader, out var date)) return false;
        // ON matches one day: from its start to the start of the next.
        var end = since && date < DateOnly.MaxValue ? date.AddDays(1) : date;
        (from, to) = (since ? date : null, before ? end : null);
        return true;
    }

    // RFC 8474 §7: objectid = 1*255(ALPHA / DIGIT / "_" / "-")
    private static bool ObjectId(ref ImapReader reader, out string id)
    {
        id = "";
        if (!reader.ReadSpace() || !reader.ReadAtom(out var atom) || atom.Length > 255) return false;
        id = Encoding.ASCII.GetString(atom);
        return id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
    }
}
