using System.Buffers;
using System.Text;
using MailServer.Domain;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>The result of <see cref="CommandFramer.Find"/>.</summary>
internal enum FramingStatus
{
    NeedMore,

    /// <summary>The client waits for <c>+</c> before it sends a synchronizing literal.</summary>
    Continue,

    /// <summary>A complete command, or an APPEND up to its message.</summary>
    Complete,

    /// <summary>The line is longer than <see cref="Limits.ImapCommandLine"/> or, before sign-in, <see cref="Limits.ImapSignInLine"/>.</summary>
    LineTooLong,

    /// <summary>
    /// Literals longer than <see cref="Limits.ImapCommandLiterals"/> or, before sign-in, <see cref="Limits.ImapSignInLiterals"/>. The client does not
    /// send a synchronizing literal that is refused.
    /// </summary>
    LiteralTooLong,
}

/// <summary>The literal announced at the end of a line: <c>{123}</c>, or the non-synchronizing form <c>{123+}</c> (RFC 7888).</summary>
internal readonly record struct LiteralHeader(long Size, bool IsSynchronizing);

/// <summary>
/// Finds the end of a command: lines joined by the literals that they announce. Nothing is copied or scanned twice. The octets stay with the caller
/// until the command is complete, and their number is bounded.
/// </summary>
internal sealed class CommandFramer(Limits limits)
{
    private long _scanned;
    private long _lineStart;
    private long _literals;

    /// <summary>Smaller limits apply before sign-in.</summary>
    public bool IsSignedIn { get; set; }

    /// <summary>The length of a complete command in octets; for a line that is too long, the octets before that line.</summary>
    public long Length { get; private set; }

    /// <summary>The literal that is too long, or the message of an APPEND.</summary>
    public LiteralHeader? Literal { get; private set; }

    public FramingStatus Find(in ReadOnlySequence<byte> input)
    {
        Literal = null;
        while (input.Length > _scanned)
        {
            var rest = input.Slice(_scanned);
            if (rest.PositionOf((byte)'\n') is not { } lineFeed) return NoLineEnd(input.Length);
            Length = _scanned + rest.Slice(0, lineFeed).Length + 1;
            if (Length - _literals > MaxLine) return TooLong();
            if (!TryReadLiteral(input.Slice(_lineStart, Length - _lineStart), out var literal)) return Finish(FramingStatus.Complete);
            if (IsMessage(input.Slice(0, Length)))
            {
                Literal = literal;
                return Finish(FramingStatus.Complete);
            }

            if (literal.Size > MaxLiterals - _literals)
            {
                Literal = literal;
                return Finish(FramingStatus.LiteralTooLong);
            }

            _literals += literal.Size;
            _scanned = _lineStart = Length + literal.Size;
            if (literal.IsSynchronizing) return FramingStatus.Continue;
        }

        return FramingStatus.NeedMore;
    }

    /// <summary>The tag at the start of a command, or null when there is none.</summary>
    public static string? TagOf(in ReadOnlySequence<byte> input)
    {
        var start = input.Slice(0, Math.Min(input.Length, 256)).ToArray();
        var reader = new ImapReader(start, 0);
        return reader.ReadTag(out var tag) && reader.ReadSpace() ? Encoding.ASCII.GetString(tag) : null;
    }

    /// <summary>Reads the literal announced at the end of a line.</summary>
    public static bool TryReadLiteral(in ReadOnlySequence<byte> line, out LiteralHeader literal)
    {
        literal = default;
        Span<byte> buffer = stackalloc byte[MaxHeaderLength];
        var last = line.Slice(Math.Max(0, line.Length - MaxHeaderLength));
        last.CopyTo(buffer);
        return TryReadLiteral(buffer[..(int)last.Length], out literal);
    }

    /// <summary>The longest literal header including its CRLF.</summary>
    public const int MaxHeaderLength = 24;

    public static bool TryReadLiteral(ReadOnlySpan<byte> lineEnd, out LiteralHeader literal)
    {
        literal = default;
        var end = lineEnd.TrimEnd("\r\n"u8);
        var brace = end.LastIndexOf((byte)'{');
        if (brace < 0) return false;
        var reader = new ImapReader(end[(brace + 1)..], 0);
        if (!reader.ReadSize(out var size)) return false;
        var nonSynchronizing = reader.TryRead((byte)'+');
        literal = new LiteralHeader(size, !nonSynchronizing);
        return reader.TryRead((byte)'}') && reader.AtEnd;
    }

    private int MaxLine => IsSignedIn ? limits.ImapCommandLine : limits.ImapSignInLine;

    private int MaxLiterals => IsSignedIn ? limits.ImapCommandLiterals : limits.ImapSignInLiterals;

    private FramingStatus NoLineEnd(long length)
    {
        _scanned = length;
        if (length - _literals <= MaxLine) return FramingStatus.NeedMore;
        return TooLong();
    }

    private FramingStatus TooLong()
    {
        Length = _lineStart;
        return Finish(FramingStatus.LineTooLong);
    }

    private FramingStatus Finish(FramingStatus framing)
    {
        _scanned = _lineStart = _literals = 0;
        return framing;
    }

    // The message of APPEND and REPLACE is the first literal, except for a literal that is the folder name.
    private bool IsMessage(in ReadOnlySequence<byte> soFar)
    {
        var start = soFar.Slice(0, Math.Min(soFar.Length, 512)).ToArray();
        var reader = new ImapReader(start, 0);
        return reader.ReadTag(out _) && reader.ReadSpace() && (reader.TryReadWord("APPEND "u8) || ReadReplace(ref reader))
            && (_literals > 0 || _lineStart > 0 || reader.Rest is not [(byte)'{', ..]);
    }

    private static bool ReadReplace(ref ImapReader reader)
    {
        reader.TryReadWord("UID "u8);
        return reader.TryReadWord("REPLACE "u8) && reader.ReadSequenceSet(out _) && reader.ReadSpace();
    }
}
