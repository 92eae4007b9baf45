using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Fetching;

/// <summary>The keyword items of FETCH (RFC 3501 §6.4.5), as flags: repeating one has no effect.</summary>
[Flags]
internal enum FetchAttributes
{
    None = 0,
    Uid = 1,
    Flags = 2,
    InternalDate = 4,
    Size = 8,
    Envelope = 16,
    Body = 32,
    BodyStructure = 64,
    ModSeq = 128,

    /// <summary>RFC 8474.</summary>
    EmailId = 256,
    ThreadId = 512,

    /// <summary>RFC 8514.</summary>
    SaveDate = 1_024,

    /// <summary>RFC 8970.</summary>
    Preview = 2_048,

    /// <summary>A preview only if it causes no delay (RFC 8970 §4).</summary>
    LazyPreview = 4_096,
}

/// <summary>The items requested by a FETCH, and the data that the mailbox must supply for them.</summary>
internal sealed record FetchPlan(FetchAttributes Attributes, IReadOnlyList<BodySection> Sections)
{
    private const int MaxSections = 200;

    /// <summary>Each decoded section may cost a pass through the whole part.</summary>
    private const int MaxDecodedSections = 32;
    private const FetchAttributes Fast = FetchAttributes.Flags | FetchAttributes.InternalDate | FetchAttributes.Size;

    /// <summary>The minimum of data that answers the request.</summary>
    public FetchItems Items { get; } = ItemsOf(Attributes, Sections);

    public bool NeedsContent => Items.HasFlag(FetchItems.Content);

    /// <summary>Whether message files may be read, so that only few messages should be requested at once.</summary>
    public bool MayReadFiles => (Items & (FetchItems.Content | FetchItems.Preview | FetchItems.QuickPreview)) != 0;

    /// <summary>Whether the fetch sets <c>\Seen</c>.</summary>
    public bool MarksSeen { get; } = Sections.Any(s => !s.Peek);

    /// <summary>Parses a macro, one item, or a list of items.</summary>
    public static FetchPlan? Read(ref ImapReader reader)
    {
        if (reader.TryReadWord("ALL"u8)) return new FetchPlan(Fast | FetchAttributes.Envelope, []);
        if (reader.TryReadWord("FULL"u8)) return new FetchPlan(Fast | FetchAttributes.Envelope | FetchAttributes.Body, []);
        if (reader.TryReadWord("FAST"u8)) return new FetchPlan(Fast, []);
        var words = FetchAttributes.None;
        var sections = new List<BodySection>();
        if (!reader.Open()) return ReadItem(ref reader, ref words, sections) ? new FetchPlan(words, sections) : null;
        do
        {
            if (!ReadItem(ref reader, ref words, sections) || sections.Count > MaxSections) return null;
            if (sections.Count(static s => s.Form != SectionForm.Body) > MaxDecodedSections) return null;
        }
        while (reader.ReadSpace());
        return reader.Close() ? new FetchPlan(words, sections) : null;
    }

    private static bool ReadItem(ref ImapReader reader, ref FetchAttributes words, List<BodySection> sections)
    {
        if (reader.TryReadWord("BINARY.PEEK"u8)) return Add(sections, BodySection.ReadBinary(ref reader, SectionForm.Binary, peek: true));
        if (reader.TryReadWord("BINARY.SIZE"u8)) return Add(sections, BodySection.ReadBinary(ref reader, SectionForm.BinarySize, peek: true));
        if (reader.TryReadWord("BINARY"u8)) return Add(sections, BodySection.ReadBinary(ref reader, SectionForm.Binary, peek: false));
        if (reader.TryReadWord("BODY.PEEK"u8)) return Add(sections, BodySection.Read(ref reader, peek: true));
        if (reader.TryReadWord("BODYSTRUCTURE"u8)) return Add(ref words, FetchAttributes.BodyStructure);
        if (reader.TryReadWord("BODY"u8))
            return reader.Rest is [(byte)'[', ..] ? Add(sections, BodySection.Read(ref reader, peek: false)) : Add(ref words, FetchAttributes.Body);
        return ReadExtension(ref reader, ref words) || ReadOther(ref reader, ref words, sections);
    }

    private static bool ReadExtension(ref ImapReader reader, ref FetchAttributes words)
    {
        if (reader.TryReadWord("EMAILID"u8)) return Add(ref words, FetchAttributes.EmailId);
        if (reader.TryReadWord("THREADID"u8)) return Add(ref words, FetchAttributes.ThreadId);
        if (reader.TryReadWord("SAVEDATE"u8)) return Add(ref words, FetchAttributes.SaveDate);
        if (reader.TryReadWord("PREVIEW (LAZY)"u8)) return Add(ref words, FetchAttributes.LazyPreview);
        return reader.TryReadWord("PREVIEW"u8) && Add(ref words, FetchAttributes.Preview);
    }

    private static bool ReadOther(ref ImapReader reader, ref FetchAttributes words, List<BodySection> sections)
    {
        if (reader.TryReadWord("RFC822.SIZE"u8)) return Add(ref words, FetchAttributes.Size);
        if (reader.TryReadWord("RFC822.HEADER"u8)) return Add(sections, BodySection.Rfc822Header);
        if (reader.TryReadWord("RFC822.TEXT"u8)) return Add(sections, BodySection.Rfc822Text);
        if (reader.TryReadWord("RFC822"u8)) return Add(sections, BodySection.Rfc822);
        if (reader.TryReadWord("UID"u8)) return Add(ref words, FetchAttributes.Uid);
        if (reader.TryReadWord("FLAGS"u8)) return Add(ref words, FetchAttributes.Flags);
        if (reader.TryReadWord("INTERNALDATE"u8)) return Add(ref words, FetchAttributes.InternalDate);
        if (reader.TryReadWord("MODSEQ"u8)) return Add(ref words, FetchAttributes.ModSeq);
        return reader.TryReadWord("ENVELOPE"u8) && Add(ref words, FetchAttributes.Envelope);
    }

    private static bool Add(ref FetchAttributes words, FetchAttributes word)
    {
        words |= word;
        return true;
    }

    private static bool Add(List<BodySection> sections, BodySection? section)
    {
        if (section is null) return false;
        sections.Add(section);
        return true;
    }

    private static FetchItems ItemsOf(FetchAttributes words, IReadOnlyList<BodySection> sections)
    {
        var items = FetchItems.Flags;
        if (words.HasFlag(FetchAttributes.InternalDate)) items |= FetchItems.InternalDate;
        if (words.HasFlag(FetchAttributes.Size)) items |= FetchItems.Size;
        if (words.HasFlag(FetchAttributes.Envelope)) items |= FetchItems.Envelope;
        if (words.HasFlag(FetchAttributes.EmailId)) items |= FetchItems.EmailId;
        if (words.HasFlag(FetchAttributes.SaveDate)) items |= FetchItems.SavedDate;
        if (words.HasFlag(FetchAttributes.Preview)) items |= FetchItems.Preview;
        else if (words.HasFlag(FetchAttributes.LazyPreview)) items |= FetchItems.QuickPreview;
        if ((words & (FetchAttributes.Body | FetchAttributes.BodyStructure)) != 0) items |= FetchItems.BodyStructure;
        foreach (var section in sections)
        {
            if (section.IsCached) items |= FetchItems.Headers;
            else items |= section.IsWhole ? FetchItems.Content : FetchItems.Content | FetchItems.Parts;
        }

        return items;
    }
}
