using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>
/// A message prepared for verification: the positions of its header fields, and its body hashes. The body is read once for all signatures that
/// requested a hash before the first hash is taken. Not thread-safe.
/// </summary>
public sealed class SignedMessage
{
    private readonly MessageContent _content;
    private readonly byte[] _header;
    private readonly List<Field> _fields = [];
    private readonly List<BodyHashRequest> _bodies = [];

    private SignedMessage(MessageContent content, byte[] header)
    {
        _content = content;
        _header = header;
        var at = 0;
        foreach (var field in HeaderFields.Enumerate(header))
        {
            if (!field.Name.IsEmpty) _fields.Add(new Field(Encoding.ASCII.GetString(field.Name).ToLowerInvariant(), at, field.Raw.Length, field.ValueStart));
            at += field.Raw.Length;
        }
    }

    /// <summary>The header section with its blank line.</summary>
    public ReadOnlySpan<byte> Header => _header;

    internal IReadOnlyList<Field> Fields => _fields;

    /// <summary>
    /// Reads a message whose lines end with CRLF. Returns null when the header section is longer than <paramref name="maxHeader"/>. The content must
    /// stay open until the body is hashed.
    /// </summary>
    public static SignedMessage? Read(MessageContent content, int maxHeader) =>
        HeaderSectionReader.Read(content, maxHeader) is { } header ? new SignedMessage(content, header) : null;

    internal IEnumerable<Field> FieldsNamed(string name) => _fields.Where(f => f.Name == name);

    /// <summary>The raw field: name, colon, value and line end.</summary>
    internal ReadOnlySpan<byte> Raw(Field field) => _header.AsSpan(field.Start, field.Length);

    /// <summary>The value, one char per octet, still folded.</summary>
    internal string Value(Field field) => Encoding.Latin1.GetString(_header, field.Start + field.ValueStart, field.Length - field.ValueStart);

    /// <summary>Requests the hash of the first <paramref name="length"/> octets of the body in a canonical form.</summary>
    internal BodyHashRequest RequestBodyHash(bool relaxed, long length)
    {
        var known = _bodies.Find(b => b.IsRelaxed == relaxed && b.Limit == length && b.Value is null);
        if (known is not null) return known;
        var body = new BodyHashRequest(relaxed, length);
        _bodies.Add(body);
        return body;
    }

    /// <summary>The requested hash, and the length of the whole canonical body.</summary>
    internal (byte[] Hash, long Length) GetBodyHash(BodyHashRequest body)
    {
        if (body.Value is null) HashBodies();
        return body.Value!.Value;
    }

    private void HashBodies()
    {
        var open = _bodies.Where(b => b.Value is null)
            .Select(b => (Body: b, Form: b.IsRelaxed ? (CanonicalBodyHasher)new RelaxedBodyHasher(b.Limit) : new SimpleBodyHasher(b.Limit))).ToArray();
        var block = ArrayPool<byte>.Shared.Rent(CanonicalBodyHasher.BlockSize);
        try
        {
            for (long at = _header.Length; _content.Read(at, block) is > 0 and var read; at += read)
                foreach (var (_, form) in open) form.Append(block.AsSpan(0, read));
            foreach (var (body, form) in open)
            {
                var hash = form.Finish();
                body.Value = (hash, form.Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            foreach (var (_, form) in open) form.Dispose();
        }
    }

    /// <summary>The position of a field in the header section; the name is in lower case.</summary>
    internal readonly record struct Field(string Name, int Start, int Length, int ValueStart)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} at {Start}");
    }

    /// <summary>A requested body hash.</summary>
    internal sealed class BodyHashRequest(bool isRelaxed, long limit)
    {
        public bool IsRelaxed => isRelaxed;

        public long Limit => limit;

        public (byte[] Hash, long Length)? Value { get; set; }
    }
}
