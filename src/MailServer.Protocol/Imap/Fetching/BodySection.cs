using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Imap.Fetching;

/// <summary>What a client wants of a section.</summary>
internal enum SectionForm
{
    /// <summary>BODY: the octets of the message.</summary>
    Body,

    /// <summary>BINARY (RFC 3516): without the transfer encoding.</summary>
    Binary,

    /// <summary>BINARY.SIZE: the size without the transfer encoding.</summary>
    BinarySize,
}

/// <summary>A body section requested by FETCH: <c>BODY[1.2.HEADER.FIELDS (From)]&lt;0.100&gt;</c> (RFC 3501 §6.4.5).</summary>
internal sealed record BodySection
{
    private static readonly SearchValues<byte> FieldNameChars = SearchValues.Create([.. Enumerable.Range(33, 94).Where(c => c != ':').Select(c => (byte)c)]);

    /// <summary>The label before the value in the response, in ASCII.</summary>
    public required byte[] Label { get; init; }

    public SectionForm Form { get; init; }

    /// <summary>Part numbers, outermost first.</summary>
    public int[] Path { get; init; } = [];

    public SectionText Text { get; init; }

    /// <summary>The field names of HEADER.FIELDS and HEADER.FIELDS.NOT; null otherwise.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>True for HEADER.FIELDS.NOT.</summary>
    public bool Not { get; init; }

    public (uint Offset, uint Count)? Partial { get; init; }

    /// <summary>True when the fetch does not set <c>\Seen</c>.</summary>
    public bool Peek { get; init; }

    /// <summary>True when the section is the whole message.</summary>
    public bool IsWhole => Path.Length == 0 && Text == SectionText.None;

    /// <summary>True when the section consists of cached header fields, so that no message file is opened.</summary>
    public bool IsCached => Path.Length == 0 && !Not && Fields is not null && Fields.All(f => CachedHeaders.Contains(f));

    public static BodySection Rfc822 { get; } = new() { Label = "RFC822"u8.ToArray() };

    public static BodySection Rfc822Header { get; } = new() { Label = "RFC822.HEADER"u8.ToArray(), Text = SectionText.Header, Peek = true };

    public static BodySection Rfc822Text { get; } = new() { Label = "RFC822.TEXT"u8.ToArray(), Text = SectionText.Text };

    /// <summary>Parses a section from its opening bracket.</summary>
    public static BodySection? Read(ref ImapReader reader, bool peek)
    {
        if (!reader.TryRead((byte)'[') || !ReadPath(ref reader, out var path, out var wantsText)) return null;
        var section = new BodySection { Label = [], Path = path, Peek = peek };
        if (wantsText && !ReadText(ref reader, ref section)) return null;
        if (!reader.TryRead((byte)']') || !ReadPartial(ref reader, out var partial)) return null;
        return (section with { Partial = partial }).WithLabel();
    }

    /// <summary>Parses section-binary (RFC 3516 §7) from its opening bracket.</summary>
    public static BodySection? ReadBinary(ref ImapReader reader, SectionForm form, bool peek)
    {
        if (!reader.TryRead((byte)'[') || !ReadPath(ref reader, out var path, out var wantsText) || wantsText || !reader.TryRead((byte)']')) return null;
        (uint, uint)? partial = null;
        if (form == SectionForm.Binary && !ReadPartial(ref reader, out partial)) return null;
        return new BodySection { Label = [], Form = form, Path = path, Peek = peek, Partial = partial }.WithLabel();
    }

    // Numbers separated by dots; a dot after the last number is followed by a keyword.
    private static bool ReadPath(ref ImapReader reader, out int[] path, out bool wantsText)
    {
        var numbers = new List<int>();
        path = [];
        wantsText = reader.Rest is not [(byte)']', ..];
        while (reader.Rest is [>= (byte)'0' and <= (byte)'9', ..])
        {
            if (!reader.ReadNonZero(out var number) || number > int.MaxValue) return false;
            numbers.Add((int)number);
            wantsText = reader.TryRead((byte)'.');
            if (!wantsText) break;
        }

        path = [.. numbers];
        return true;
    }

    private static bool ReadText(ref ImapReader reader, ref BodySection section)
    {
        if (reader.TryReadWord("HEADER.FIELDS"u8))
        {
            var not = reader.TryReadWord(".NOT"u8);
            if (!reader.ReadSpace() || !ReadFields(ref reader, out var fields)) return false;
            section = section with { Text = SectionText.Header, Fields = fields, Not = not };
            return true;
        }

        var text = reader.TryReadWord("HEADER"u8) ? SectionText.Header
            : reader.TryReadWord("TEXT"u8) ? SectionText.Text
            : section.Path.Length > 0 && reader.TryReadWord("MIME"u8) ? SectionText.Mime : SectionText.None;
        section = section with { Text = text };
        return text != SectionText.None;
    }

    private static bool ReadFields(ref ImapReader reader, out List<string> fields)
    {
        fields = [];
        if (!reader.Open()) return false;
        do
        {
            if (!reader.ReadAString(out var name) || name.IsEmpty || name.ContainsAnyExcept(FieldNameChars)) return false;
            fields.Add(Encoding.ASCII.GetString(name));
        }
        while (reader.ReadSpace());
        return reader.Close();
    }

    private static bool ReadPartial(ref ImapReader reader, out (uint Offset, uint Count)? partial)
    {
        partial = null;
        if (!reader.TryRead((byte)'<')) return true;
        if (!reader.ReadNumber(out var offset) || !reader.TryRead((byte)'.') || !reader.ReadNonZero(out var count)) return false;
        partial = (offset, count);
        return reader.TryRead((byte)'>');
    }

    private BodySection WithLabel()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ImapWriter(output);
        writer.Write(Form switch
        {
            SectionForm.Binary => "BINARY["u8,
            SectionForm.BinarySize => "BINARY.SIZE["u8,
            _ => "BODY["u8,
        });
        writer.Write(string.Join('.', Path.Select(n => n.ToString(CultureInfo.InvariantCulture))));
        if (Path.Length > 0 && Text != SectionText.None) writer.Write((byte)'.');
        writer.Write(Text switch
        {
            SectionText.Header => "HEADER"u8,
            SectionText.Text => "TEXT"u8,
            SectionText.Mime => "MIME"u8,
            _ => default,
        });
        if (Fields is not null)
        {
            writer.Write(Not ? ".FIELDS.NOT"u8 : ".FIELDS"u8);
            for (var at = 0; at < Fields.Count; at++)
            {
                writer.Write(at == 0 ? " ("u8 : " "u8);
                writer.AString(Fields[at]);
            }

            writer.Write((byte)')');
        }

        writer.Write((byte)']');
        if (Partial is { Offset: var offset })
        {
            writer.Write((byte)'<');
            writer.Write(offset);
            writer.Write((byte)'>');
        }

        writer.Commit();
        return this with { Label = output.WrittenSpan.ToArray() };
    }
}
