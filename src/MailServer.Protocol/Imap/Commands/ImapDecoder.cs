using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>The outcome of <see cref="ImapDecoder.Read"/>.</summary>
internal enum DecodeStatus
{
    NeedMore,

    /// <summary>The client waits for a continuation before it sends its literal.</summary>
    Continue,

    Parsed,

    /// <summary>The command was consumed and is refused for the given reason.</summary>
    Malformed,

    /// <summary>The client exceeds the limits: send BYE with the text of the refusal.</summary>
    CloseConnection,
}

/// <summary>One result of <see cref="ImapDecoder"/>.</summary>
internal readonly record struct DecodeResult(DecodeStatus Status, string? Tag = null, ImapCommand? Command = null, ImapError Refusal = ImapError.Syntax, string? Detail = null);

/// <summary>Decodes commands one after the other from a client's input. Malformed input never causes an exception.</summary>
internal sealed class ImapDecoder(Limits limits, ISessionObserver observer)
{
    private readonly CommandFramer _framer = new(limits);
    private CommandDiscarder? _discarder;
    private DecodeResult _afterDiscard;

    /// <summary>Set before <see cref="Read"/>. Smaller limits apply before sign-in.</summary>
    public bool IsSignedIn
    {
        get => _framer.IsSignedIn;
        set => _framer.IsSignedIn = value;
    }

    /// <summary>Names of folders are in UTF-8. Set before <see cref="Read"/>.</summary>
    public bool HasUtf8Names { get; set; }

    public DecodeResult Read(ref ReadOnlySequence<byte> input)
    {
        if (_discarder is not null)
        {
            _discarder.Take(ref input);
            if (_discarder.IsActive && _discarder.IsExceeded) return CloseConnection(ImapError.LiteralTooBig);
            if (_discarder.IsActive) return new DecodeResult(DecodeStatus.NeedMore);
            _discarder = null;
            return _afterDiscard;
        }

        switch (_framer.Find(input))
        {
            case FramingStatus.NeedMore: return new DecodeResult(DecodeStatus.NeedMore);
            case FramingStatus.Continue: return new DecodeResult(DecodeStatus.Continue);
            case FramingStatus.Complete:
                var taken = Take(ref input);
                return _discarder is null ? taken : Read(ref input);
            case FramingStatus.LineTooLong: return RefuseLine(ref input);
            default: return RefuseLiteral(ref input);
        }
    }

    private DecodeResult Take(ref ReadOnlySequence<byte> input)
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

    private DecodeResult Parse(ReadOnlySpan<byte> frame)
    {
        var end = frame.Length - (frame.EndsWith("\r\n"u8) ? 2 : 1);
        var reader = new ImapReader(frame[..end], limits.ImapNesting, HasUtf8Names);
        var hasTag = reader.ReadTag(out var tagOctets);
        ImapCommandEntry? entry = null;
        var isKnown = hasTag && reader.ReadSpace() && ImapCommandTable.TryFind(ref reader, out entry);
        if (observer.IsWatched) observer.LineReceived(isKnown ? ImapCommandRedactor.Redact(frame[..end], entry!.Name) : RedactedText.Placeholder("not understood", end));
        if (!hasTag) return new DecodeResult(DecodeStatus.Malformed, Refusal: ImapError.BadTag);
        var tag = Encoding.ASCII.GetString(tagOctets);
        if (!isKnown) return Refuse(tag, ImapError.UnknownCommand);
        if (entry!.Read(ref reader) is not { } command || !reader.AtEnd) return Refuse(tag, ImapError.Syntax);
        if (_framer.Literal is { } message && message.Size > limits.MaxMessageSize) return Refuse(tag, ImapError.MessageTooBig);
        return new DecodeResult(DecodeStatus.Parsed, tag, command with { Tag = tag, Name = entry.Name });
    }

    /// <summary>Refuses the command that was just read. A non-synchronizing literal is skipped first; a later call of <see cref="Read"/> then returns the result.</summary>
    /// <param name="tag">The tag of the command.</param>
    /// <param name="refusal">The reason.</param>
    /// <param name="literal">The literal that has not been read.</param>
    /// <param name="detail">What the response code names, if anything.</param>
    public DecodeResult Refuse(string tag, ImapError refusal, LiteralHeader? literal, string? detail = null)
    {
        if (!IsSignedIn && literal is { } announced && announced.Size > limits.ImapSignInLiterals) return CloseConnection(ImapError.LiteralTooBig);
        var refused = new DecodeResult(DecodeStatus.Malformed, tag, Refusal: refusal, Detail: detail);
        return literal is { IsSynchronizing: false } coming ? DiscardThen(refused, coming.Size) : refused;
    }

    private DecodeResult Refuse(string tag, ImapError refusal) => Refuse(tag, refusal, _framer.Literal);

    private DecodeResult RefuseLine(ref ReadOnlySequence<byte> input)
    {
        if (!IsSignedIn) return CloseConnection(ImapError.LineTooLong);
        var refused = new DecodeResult(DecodeStatus.Malformed, CommandFramer.TagOf(input), Refusal: ImapError.LineTooLong);
        input = input.Slice(_framer.Length);
        _ = DiscardThen(refused, 0);
        return Read(ref input);
    }

    private DecodeResult RefuseLiteral(ref ReadOnlySequence<byte> input)
    {
        if (!IsSignedIn) return CloseConnection(ImapError.LiteralTooBig);
        var refused = new DecodeResult(DecodeStatus.Malformed, CommandFramer.TagOf(input), Refusal: ImapError.LiteralTooBig);
        input = input.Slice(_framer.Length);
        if (_framer.Literal is not { IsSynchronizing: false } literal) return refused;
        _ = DiscardThen(refused, literal.Size);
        return Read(ref input);
    }

    private DecodeResult DiscardThen(DecodeResult answer, long octets)
    {
        _afterDiscard = answer;
        _discarder = new CommandDiscarder(MaxDiscarded);
        _discarder.Begin(octets);
        return _discarder.IsExceeded ? CloseConnection(ImapError.LiteralTooBig) : new DecodeResult(DecodeStatus.NeedMore);
    }

    // RFC 7888 §4: a non-synchronizing literal is either read and refused with a tagged response, or the connection is closed.
    private long MaxDiscarded => IsSignedIn ? limits.ImapCommandLine + (2 * limits.MaxMessageSize) : limits.ImapSignInLine + limits.ImapSignInLiterals;

    private static DecodeResult CloseConnection(ImapError refusal) => new(DecodeStatus.CloseConnection, Refusal: refusal);
}
