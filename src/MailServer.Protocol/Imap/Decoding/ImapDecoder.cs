using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Protocol.Imap.Commands;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>The outcome of <see cref="ImapDecoder.Read"/>.</summary>
internal enum DecodeOutcome
{
    NeedMore,

    /// <summary>The client waits for a continuation before it sends its literal.</summary>
    Continue,

    Parsed,

    /// <summary>The command was consumed and is refused for the given reason.</summary>
    Malformed,

    /// <summary>The client exceeds the limits: send BYE with the text of the refusal.</summary>
    Goodbye,
}

/// <summary>One result of <see cref="ImapDecoder"/>.</summary>
internal readonly record struct Decoded(DecodeOutcome Outcome, string? Tag = null, ImapCommand? Command = null, ImapRefusal Refusal = ImapRefusal.Syntax);

/// <summary>Decodes commands one after the other from a client's input. Malformed input never causes an exception.</summary>
internal sealed class ImapDecoder(Limits limits, IConversationObserver observer)
{
    private readonly CommandFramer _framer = new(limits);
    private Discard? _discard;
    private Decoded _afterDiscard;

    /// <summary>Set before <see cref="Read"/>. Smaller limits apply before sign-in.</summary>
    public bool IsSignedIn
    {
        get => _framer.IsSignedIn;
        set => _framer.IsSignedIn = value;
    }

    public Decoded Read(ref ReadOnlySequence<byte> input)
    {
        if (_discard is not null)
        {
            _discard.Take(ref input);
            if (_discard.IsActive && _discard.IsExceeded) return Goodbye(ImapRefusal.LiteralTooBig);
            if (_discard.IsActive) return new Decoded(DecodeOutcome.NeedMore);
            _discard = null;
            return _afterDiscard;
        }

        switch (_framer.Find(input))
        {
            case Framing.NeedMore: return new Decoded(DecodeOutcome.NeedMore);
            case Framing.Continue: return new Decoded(DecodeOutcome.Continue);
            case Framing.Complete:
                var taken = Take(ref input);
                return _discard is null ? taken : Read(ref input);
            case Framing.LineTooLong: return RefuseLine(ref input);
            default: return RefuseLiteral(ref input);
        }
    }

    private Decoded Take(ref ReadOnlySequence<byte> input)
    {
        var frame = input.Slice(0, _framer.Length);
        input = input.Slice(frame.End);
        if (frame.IsSingleSegment) return Parse(frame.FirstSpan);
        var rented = ArrayPool<byte>.Shared.Rent((int)frame.Length);
        try
        {
            frame.CopyTo(rented);
            return Parse(rented.AsSpan(0, (int)frame.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true); // may contain a password
        }
    }

    private Decoded Parse(ReadOnlySpan<byte> frame)
    {
        var end = frame.Length - (frame.EndsWith("\r\n"u8) ? 2 : 1);
        var reader = new ImapReader(frame[..end], limits.ImapNesting);
        var hasTag = reader.ReadTag(out var tagOctets);
        CommandEntry? entry = null;
        var isKnown = hasTag && reader.ReadSpace() && CommandTable.TryFind(ref reader, out entry);
        if (observer.IsWatched) observer.Heard(isKnown ? ImapCommandMask.Show(frame[..end], entry!.Name) : Shown.Withheld("not understood", end));
        if (!hasTag) return new Decoded(DecodeOutcome.Malformed, Refusal: ImapRefusal.BadTag);
        var tag = Encoding.ASCII.GetString(tagOctets);
        if (!isKnown) return Refuse(tag, ImapRefusal.UnknownCommand);
        if (entry!.Read(ref reader) is not { } command || !reader.AtEnd) return Refuse(tag, ImapRefusal.Syntax);
        if (_framer.Literal is { } message && message.Size > limits.MaxMessageSize) return Refuse(tag, ImapRefusal.MessageTooBig);
        return new Decoded(DecodeOutcome.Parsed, tag, command with { Tag = tag, Name = entry.Name });
    }

    /// <summary>Refuses the command that was just read. A non-synchronizing literal is skipped first; a later call of <see cref="Read"/> then returns the result.</summary>
    public Decoded Refuse(string tag, ImapRefusal refusal, LiteralHeader? literal)
    {
        if (!IsSignedIn && literal is { } announced && announced.Size > limits.ImapSignInLiterals) return Goodbye(ImapRefusal.LiteralTooBig);
        var refused = new Decoded(DecodeOutcome.Malformed, tag, Refusal: refusal);
        return literal is { IsSynchronizing: false } coming ? DiscardThen(refused, coming.Size) : refused;
    }

    private Decoded Refuse(string tag, ImapRefusal refusal) => Refuse(tag, refusal, _framer.Literal);

    private Decoded RefuseLine(ref ReadOnlySequence<byte> input)
    {
        if (!IsSignedIn) return Goodbye(ImapRefusal.LineTooLong);
        var refused = new Decoded(DecodeOutcome.Malformed, CommandFramer.TagOf(input), Refusal: ImapRefusal.LineTooLong);
        input = input.Slice(_framer.Length);
        _ = DiscardThen(refused, 0);
        return Read(ref input);
    }

    private Decoded RefuseLiteral(ref ReadOnlySequence<byte> input)
    {
        if (!IsSignedIn) return Goodbye(ImapRefusal.LiteralTooBig);
        var refused = new Decoded(DecodeOutcome.Malformed, CommandFramer.TagOf(input), Refusal: ImapRefusal.LiteralTooBig);
        input = input.Slice(_framer.Length);
        if (_framer.Literal is not { IsSynchronizing: false } literal) return refused;
        _ = DiscardThen(refused, literal.Size);
        return Read(ref input);
    }

    private Decoded DiscardThen(Decoded answer, long octets)
    {
        _afterDiscard = answer;
        _discard = new Discard(MostDiscarded);
        _discard.Begin(octets);
        return _discard.IsExceeded ? Goodbye(ImapRefusal.LiteralTooBig) : new Decoded(DecodeOutcome.NeedMore);
    }

    // RFC 7888 §4: a non-synchronizing literal is either read and refused with a tagged response, or the connection is closed.
    private long MostDiscarded => IsSignedIn ? limits.ImapCommandLine + (2 * limits.MaxMessageSize) : limits.ImapSignInLine + limits.ImapSignInLiterals;

    private static Decoded Goodbye(ImapRefusal refusal) => new(DecodeOutcome.Goodbye, Refusal: refusal);
}
