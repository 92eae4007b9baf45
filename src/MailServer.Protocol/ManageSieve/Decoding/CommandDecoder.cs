using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Domain;

namespace MailServer.Protocol.ManageSieve.Decoding;

/// <summary>
/// Reads commands (RFC 5804 §4): words, quoted strings and literals up to a line end. Input is consumed as it arrives, so a command costs the same in one piece as in
/// single octets. Literals need no permission: the client sends them anyway, so one that is too large is read to its end and refused.
/// </summary>
internal sealed class CommandDecoder(Limits limits)
{
    private const int MaxDigits = 10;
    private readonly List<CommandArgument> _words = [];
    private ArrayBufferWriter<byte> _word = new();
    private State _state = State.Between;
    private DecodeFault _fault;
    private long _literal;
    private long _received;
    private int _kept;

    private enum State
    {
        /// <summary>After a space, or at the start.</summary>
        Between,
        Atom,
        Quoted,
        Escaped,
        Announcement,
        /// <summary>After the closing brace of an announcement; its line end follows.</summary>
        Announced,
        Literal,
        /// <summary>After a string: a space or the line end follows.</summary>
        AfterText,
        /// <summary>The line is not well-formed; the rest of it is skipped.</summary>
        Skipping,
    }

    /// <summary>Before sign-in a command may have as much as a response to a challenge needs, and no more.</summary>
    public bool IsSignedIn { get; set; }

    private int MaxKept => IsSignedIn ? limits.ScriptSize + limits.ManageSieveWords : limits.ManageSieveSignIn;

    private long MaxReceived => IsSignedIn ? limits.ManageSieveDiscarded : limits.ManageSieveSignIn;

    /// <summary>Reads to the end of the next command; null if more input is needed.</summary>
    public DecodedCommand? Read(ref ReadOnlySequence<byte> input)
    {
        var reader = new SequenceReader<byte>(input);
        var ended = false;
        while (!ended && _fault != DecodeFault.Flood && !reader.End)
        {
            if (_state == State.Literal) ReadLiteral(ref reader);
            else ended = Take(ref reader);
            if (_received > MaxReceived || _words.Count > limits.ManageSieveArguments) _fault = DecodeFault.Flood;
        }

        input = input.Slice(reader.Position);
        return ended || _fault == DecodeFault.Flood ? End() : null;
    }

    /// <summary>Forgets a command that is not complete. For the start of TLS.</summary>
    public void Reset() => End();

    private DecodedCommand End()
    {
        var command = new DecodedCommand([.. _words], _fault);
        _words.Clear();
        // A client that stored a script may stay for hours.
        if (_word.Capacity > limits.ManageSieveSignIn) _word = new ArrayBufferWriter<byte>();
        else _word.ResetWrittenCount();
        (_state, _fault, _literal, _received, _kept) = (State.Between, DecodeFault.None, 0, 0, 0);
        return command;
    }

    private void ReadLiteral(ref SequenceReader<byte> reader)
    {
        var span = reader.UnreadSpan;
        span = span[..(int)Math.Min(span.Length, _literal)];
        Keep(span);
        reader.Advance(span.Length);
        _literal -= span.Length;
        _received += span.Length;
        if (_literal == 0) EndText();
    }

    // True at the end of the command.
    private bool Take(ref SequenceReader<byte> reader)
    {
        reader.TryRead(out var octet);
        _received++;
        switch (_state)
        {
            case State.Announced:
                if (octet == '\n') BeginLiteral();
                else if (octet != '\r') Fail();
                return false;
            case State.Announcement:
                TakeAnnouncement(octet);
                return _state == State.Skipping && octet == '\n';
            case State.Escaped when octet is (byte)'"' or (byte)'\\':
                _state = State.Quoted;
                Keep([octet]);
                return false;
            case State.Quoted when octet is not ((byte)'\n' or (byte)'\r' or 0):
                TakeQuoted(octet);
                return false;
        }

        if (octet == '\n') return EndLine();
        if (octet != '\r') TakePlain(octet);
        else if (_state is State.Quoted or State.Escaped) Fail();
        return false;
    }

    private void TakeQuoted(byte octet)
    {
        if (octet == '"') EndText();
        else if (octet == '\\') _state = State.Escaped;
        else Keep([octet]);
    }

    private void TakePlain(byte octet)
    {
        switch (_state)
        {
            case State.Between when octet == '"':
                _state = State.Quoted;
                break;
            case State.Between when octet == '{':
                _state = State.Announcement;
                break;
            case State.Between or State.AfterText when octet == ' ':
                _state = State.Between;
                break;
            case State.Atom when octet == ' ':
                EndAtom();
                _state = State.Between;
                break;
            case State.Between or State.Atom when IsAtom(octet):
                _state = State.Atom;
                Keep([octet]);
                break;
            case State.Skipping:
                break;
            default:
                Fail();
                break;
        }
    }

    private void TakeAnnouncement(byte octet)
    {
        if (char.IsAsciiDigit((char)octet) || octet == '+') Keep([octet]);
        else if (octet == '}') _state = State.Announced;
        else Fail();
        if (_state != State.Announced) return;
        // Old clients leave the plus out; they do not wait for an answer either.
        var digits = Encoding.ASCII.GetString(_word.WrittenSpan).TrimEnd('+');
        Unkeep();
        if (digits.Length is 0 or > MaxDigits || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _literal)) Fail();
    }

    private void BeginLiteral()
    {
        _state = State.Literal;
        if (_received + _literal > MaxReceived) _fault = DecodeFault.Flood;
        else if (_literal == 0) EndText();
    }

    private bool EndLine()
    {
        if (_state is State.Quoted or State.Escaped) Fail();
        if (_state == State.Atom) EndAtom();
        return true;
    }

    private void EndAtom() => Add(ArgumentKind.Atom);

    private void EndText()
    {
        Add(ArgumentKind.Text);
        _state = State.AfterText;
    }

    private void Add(ArgumentKind kind)
    {
        _words.Add(new CommandArgument(kind, _word.WrittenSpan.ToArray()));
        _word.ResetWrittenCount();
    }

    private void Keep(ReadOnlySpan<byte> octets)
    {
        _kept += octets.Length;
        if (_kept > MaxKept)
        {
            if (_fault == DecodeFault.None) _fault = DecodeFault.TooLarge;
            return;
        }

        _word.Write(octets);
    }

    private void Unkeep()
    {
        _kept -= _word.WrittenCount;
        _word.ResetWrittenCount();
    }

    private void Fail()
    {
        _state = State.Skipping;
        if (_fault == DecodeFault.None) _fault = DecodeFault.Syntax;
    }

    private static bool IsAtom(byte octet) => octet is > (byte)' ' and < 0x7F and not ((byte)'"' or (byte)'{' or (byte)'(' or (byte)')' or (byte)'\\');
}
