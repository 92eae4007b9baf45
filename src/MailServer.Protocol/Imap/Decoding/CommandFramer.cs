using System.Buffers;
using System.Text;
using MailServer.Domain;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>What <see cref="CommandFramer"/> found.</summary>
internal enum Framing
{
    NeedMore,

    /// <summary>A synchronising literal is wanted: the client waits for <c>+</c>.</summary>
    Continue,

    /// <summary>A whole command, or an APPEND up to its message.</summary>
    Complete,

    /// <summary>The line is longer than <see cref="Limits.ImapCommandLine"/> or, before sign-in, <see cref="Limits.ImapSignInLine"/>.</summary>
    LineTooLong,

    /// <summary>Literals longer than <see cref="Limits.ImapCommandLiterals"/> or <see cref="Limits.ImapSignInLiterals"/>; a synchronising one will not be sent.</summary>
    LiteralTooLong,
}

/// <summary>The literal at the end of a line: <c>{123}</c>, or <c>{123+}</c> which comes without being asked for (RFC 7888).</summary>
internal readonly record struct LiteralHeader(long Size, bool IsSynchronizing);

/// <summary>
/// Finds where a command ends: lines, joined by the literals that their ends announce. Nothing is copied and nothing is read twice:
/// octets stay with the caller until the command is whole, and their number is bounded.
/// </summary>
internal sealed class CommandFramer(Limits limits)
{
    private long _scanned;
    private long _lineStart;
    private long _literals;

    /// <summary>Strangers get little room.</summary>
    public bool IsSignedIn { get; set; }

    /// <summary>Octets of <c>input</c> that belong to the command when it is complete; those before the line, when that is too long.</summary>
    public long Length { get; private set; }

    /// <summary>The literal that was too long, or the message of an APPEND.</summary>
    public LiteralHeader? Literal { get; private set; }

    public Framing Find(in ReadOnlySequence<byte> input)
    {
        Literal = null;
        while (input.Length > _scanned)
        {
            var rest = input.Slice(_scanned);
            if (rest.PositionOf((byte)'\n') is not { } lineFeed) return NoLineEnd(input.Length);
            Length = _scanned + rest.Slice(0, lineFeed).Length + 1;
            if (Length - _literals > MostLine) return TooLong();
            if (!TryReadLiteral(input.Slice(_lineStart, Length - _lineStart), out var literal)) return Finish(Framing.Complete);
            if (IsMessage(input.Slice(0, Length)))
            {
                Literal = literal;
                return Finish(Framing.Complete);
            }

            if (literal.Size > MostLiterals - _literals)
            {
                Literal = literal;
                return Finish(Framing.LiteralTooLong);
            }

            _literals += literal.Size;
            _scanned = _lineStart = Length + literal.Size;
            if (literal.IsSynchronizing) return Framing.Continue;
        }

        return Framing.NeedMore;
    }

    /// <summary>The tag, if the first octets of a command begin with one.</summary>
    public static string? TagOf(in ReadOnlySequence<byte> input)
    {
        var start = input.Slice(0, Math.Min(input.Length, 256)).ToArray();
        var reader = new ImapReader(start, 0);
        return reader.ReadTag(out var tag) && reader.ReadSpace() ? Encoding.ASCII.GetString(tag) : null;
    }

    /// <summary>The literal that a line announces at its end.</summary>
    public static bool TryReadLiteral(in ReadOnlySequence<byte> line, out LiteralHeader literal)
    {
        literal = default;
        Span<byte> buffer = stackalloc byte[LongestHeader];
        var last = line.Slice(Math.Max(0, line.Length - LongestHeader));
        last.CopyTo(buffer);
        return TryReadLiteral(buffer[..(int)last.Length], out literal);
    }

    /// <summary>The longest header of a literal with its CRLF.</summary>
    public const int LongestHeader = 24;

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

    private int MostLine => IsSignedIn ? limits.ImapCommandLine : limits.ImapSignInLine;

    private int MostLiterals => IsSignedIn ? limits.ImapCommandLiterals : limits.ImapSignInLiterals;

    private Framing NoLineEnd(long length)
    {
        _scanned = length;
        if (length - _literals <= MostLine) return Framing.NeedMore;
        return TooLong();
    }

    private Framing TooLong()
    {
        Length = _lineStart;
        return Finish(Framing.LineTooLong);
    }

    private Framing Finish(Framing framing)
    {
        _scanned = _lineStart = _literals = 0;
        return framing;
    }

    // APPEND's message is its first literal, but for one that stands where the folder's name does.
    private bool IsMessage(in ReadOnlySequence<byte> soFar)
    {
        var start = soFar.Slice(0, Math.Min(soFar.Length, 512)).ToArray();
        var reader = new ImapReader(start, 0);
        return reader.ReadTag(out _) && reader.ReadSpace() && reader.TryReadWord("APPEND "u8)
            && (_literals > 0 || _lineStart > 0 || reader.Rest is not [(byte)'{', ..]);
    }
}
