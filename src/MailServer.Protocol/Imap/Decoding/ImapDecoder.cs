using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Protocol.Imap.Commands;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>What <see cref="ImapDecoder"/> has to say.</summary>
internal enum DecodeOutcome
{
    NeedMore,

    /// <summary>Tell the client to send its literal.</summary>
    Continue,

    Parsed,

    /// <summary>The command was taken from the input and is refused for the reason given.</summary>
    Malformed,

    /// <summary>The client sends more than is read of it: say BYE with the refusal's text.</summary>
    Goodbye,
}

/// <summary>One answer of <see cref="ImapDecoder"/>.</summary>
internal readonly record struct Decoded(DecodeOutcome Outcome, string? Tag = null, ImapCommand? Command = null, ImapRefusal Refusal = ImapRefusal.Syntax);

/// <summary>Reads one command after the other from what a client sends: parsed, need more, or malformed. It never throws for what it reads.</summary>
internal sealed class ImapDecoder(Limits limits, IConversationObserver observer)
{
    private readonly CommandFramer _framer = new(limits);
    private Discard? _discard;
    private Decoded _afterDiscard;

    /// <summary>Set before <see cref="Read"/>. Of a stranger no more is read than signing in needs.</summary>
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
            ArrayPool<byte>.Shared.Return(rented, clearArray: true); // it may have held a password
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

    /// <summary>Refuses the command just read. A literal that comes unasked is passed over first: the answer is then that of a later read.</summary>
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

    // RFC 7888 §4: a literal that comes unasked is read and refused with a tagged response, or the connection ends.
    private long MostDiscarded => IsSignedIn ? limits.ImapCommandLine + (2 * limits.MaxMessageSize) : limits.ImapSignInLine + limits.ImapSignInLiterals;

    private static Decoded Goodbye(ImapRefusal refusal) => new(DecodeOutcome.Goodbye, Refusal: refusal);
}
