using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Sieve.Reading;

/// <summary>The message that a script decides about. It is parsed when the first test needs it; the content must stay open until the run is over.</summary>
public sealed class SieveMessage
{
    private const int WindowSize = 64 * 1024;

    private readonly MessageContent _content;
    private readonly Limits _limits;
    private readonly Lazy<SievePart> _root;
    private readonly Lazy<List<SieveField>> _fields;

    /// <param name="content">The message.</param>
    /// <param name="limits">The parsing limits.</param>
    /// <param name="maxFields">Maximum number of header fields that are read.</param>
    public SieveMessage(MessageContent content, Limits limits, int maxFields = 2_000)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(limits);
        _content = content;
        _limits = limits;
        _root = new Lazy<SievePart>(Scan);
        _fields = new Lazy<List<SieveField>>(() => SieveField.ReadAll(ReadHeader(), maxFields));
    }

    /// <summary>The size in octets.</summary>
    public long Size => _content.Length;

    /// <summary>The decoded text of the first header field with a name; empty without one.</summary>
    public string TextOf(string field) => Fields.FirstOrDefault(f => f.Name.Equals(field, StringComparison.OrdinalIgnoreCase))?.Text ?? "";

    /// <summary>The message as the outermost MIME part.</summary>
    internal SievePart Root => _root.Value;

    internal IReadOnlyList<SieveField> Fields => _fields.Value;

    /// <summary>Whether a blank line ends the header, so that there is a body, however short.</summary>
    internal bool HasBody
    {
        get
        {
            var start = Root.BodyOffset;
            var before = Read(Math.Max(0, start - 3), Math.Min(3, start)).AsSpan();
            return before.EndsWith("\n\r\n"u8) || before.EndsWith("\n\n"u8) || (start <= 2 && before.EndsWith("\n"u8));
        }
    }

    /// <summary>The pieces of the body, with the parts that were replaced.</summary>
    internal IEnumerable<SievePiece> BodyPieces()
    {
        var at = Root.BodyOffset;
        foreach (var part in Root.Replaced())
        {
            foreach (var piece in Pieces(at, part.Start - at)) yield return piece;
            foreach (var piece in part.NewPieces()) yield return piece;
            at = part.End;
        }

        foreach (var piece in Pieces(at, Size - at)) yield return piece;
    }

    /// <summary>The pieces of the whole message, with the parts that were replaced.</summary>
    internal IEnumerable<SievePiece> AllPieces() => Pieces(0, Root.BodyOffset).Concat(BodyPieces());

    /// <summary>A message of pieces of the delivered one.</summary>
    internal SieveMessage With(IReadOnlyList<SievePiece> pieces) => new(new ChangedContent(pieces, _content is ChangedContent changed ? changed.Delivered : _content), _limits);

    private IEnumerable<SievePiece> Pieces(long offset, long length) =>
        length <= 0 ? [] : _content is ChangedContent changed ? changed.Slice(offset, length) : [SievePiece.Range(offset, length)];

    internal byte[] Read(long offset, long count) => _content.ReadRange(offset, (int)Math.Clamp(count, 0, int.MaxValue));

    // Most scripts test header fields alone, so the header is read without the structure.
    private byte[] ReadHeader()
    {
        for (var size = 16 * 1024; ; size = _limits.MaxHeaderSize)
        {
            var octets = Read(0, size);
            if (octets.Length < size || size >= _limits.MaxHeaderSize || octets.AsSpan().IndexOf("\r\n\r\n"u8) >= 0 || octets.AsSpan().IndexOf("\n\n"u8) >= 0) return octets;
        }
    }

    private SievePart Scan()
    {
        using var window = new ContentWindow(_content, (int)Math.Clamp(_content.Length, 1, WindowSize));
        using var describer = new PartDescriber(_limits, describes: false);
        return new SievePart(this, new StructureScanner(window, _limits, describer, cachedHeaders: null).Scan());
    }
}
