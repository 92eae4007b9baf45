using System.Buffers;
using System.Globalization;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>
/// Sends one message (RFC 5321 §3.3). With PIPELINING, MAIL, all RCPT and, if used, DATA are sent together and their replies read in order (RFC 2920
/// §3.1); otherwise one by one. With CHUNKING the content is sent in chunks (RFC 3030 §2), and not at all when no recipient was accepted. A 421 at
/// any point ends the connection.
/// </summary>
internal sealed class ClientTransaction(SmtpClientSession session, OutgoingMessage message)
{
    private const int Piece = 32 * 1024;

    // Each chunk costs one round trip; a host that refuses the message can say so after each chunk.
    private const int Chunk = 1024 * 1024;

    private static readonly SmtpReply NotConverted = new(554, "5.6.3", "The host accepts only 7-bit messages and this message cannot be converted");

    private readonly SmtpReply?[] _outcomes = new SmtpReply?[message.Recipients.Count];
    private readonly bool[] _postponed = new bool[message.Recipients.Count];
    private readonly EnvelopeCommands _commands = new(message, session.Extensions, session.Tls is not null);
    private MessageContent _content = message.Content;
    private SmtpReply? _refusal;

    /// <summary>True when the host has replied to this message.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>True when the host has the whole message and has not replied to it yet.</summary>
    public bool IsTransferred { get; private set; }

    /// <summary>The 421 reply after which the host closes the connection.</summary>
    public SmtpReply? Closing { get; private set; }

    private bool AnyWaiting => Array.Exists(_outcomes, outcome => outcome is null);

    private bool InChunks => session.Extensions.Chunking && session.AllowsChunking;

    /// <summary>The outcome, with <paramref name="unknown"/> as the reply for recipients that have none yet.</summary>
    public SmtpOutcome OutcomeWith(SmtpReply unknown) =>
        new([.. message.Recipients.Select((recipient, i) => new RecipientOutcome(recipient, _outcomes[i] ?? Closing ?? unknown, _postponed[i]))], session.Extensions.Dsn, session.Extensions.DeliverBy);

    public IEnumerable<SmtpClientEffect?> Run()
    {
        var reason = _commands.RefusalOfMessage();
        for (var i = 0; i < _outcomes.Length; i++) _outcomes[i] = reason ?? _commands.RefusalOfRecipient(message.Recipients[i]);
        if (!AnyWaiting) yield break;
        if (_commands.NeedsSevenBit || _commands.NeedsAsciiHeader)
        {
            yield return new SmtpClientEffect.Convert(KeepsBodies: !_commands.NeedsSevenBit);
            var (converted, refusal) = session.TakeConverted();
            if (converted is not null) _content = converted;
            else Conclude(refusal ?? (_commands.NeedsAsciiHeader ? EnvelopeCommands.NoUtf8 : NotConverted));
            if (!AnyWaiting) yield break;
        }

        foreach (var effect in SendEnvelope()) yield return effect;
        if (Closing is not null) yield break;
        foreach (var effect in InChunks ? Chunks() : Data()) yield return effect;
    }

    // MAIL and RCPT, followed by DATA when pipelining allows it. A refused MAIL is the outcome for every recipient.
    private IEnumerable<SmtpClientEffect?> SendEnvelope()
    {
        var pipelined = session.Extensions.Pipelining;
        var named = Enumerable.Range(0, _outcomes.Length).Where(i => _outcomes[i] is null).ToArray();
        session.Write(_commands.Mail(_content.Length));
        if (pipelined)
        {
            foreach (var i in named) session.Write(_commands.Recipient(message.Recipients[i]));
            if (!InChunks) session.Write("DATA");
        }

        SmtpReply reply;
        while (!Read(out reply)) yield return null;
        if (!reply.IsPositive) _refusal = reply.AsFailure();
        var accepted = false;
        foreach (var i in named)
        {
            if (Closing is not null) yield break;
            if (!pipelined && _refusal is null) session.Write(_commands.Recipient(message.Recipients[i]));
            if (pipelined || _refusal is null)
                while (!Read(out reply)) yield return null;
            if (_refusal is not null) _outcomes[i] = _refusal;
            else if (reply.IsPositive) accepted = true;
            else _outcomes[i] = accepted ? RefusalAfterOthers(i, reply) : reply.AsFailure();
        }
    }

    /// <summary>
    /// The host accepts no further recipients in this transaction: they get another one. Old hosts say so with 552, which then does not mean that the
    /// mailbox is full (RFC 5321 §4.5.3.1.10).
    /// </summary>
    private SmtpReply RefusalAfterOthers(int index, SmtpReply reply)
    {
        if (reply.Code is not (452 or 552) || !(reply.EnhancedCode.Length == 0 || reply.EnhancedCode.EndsWith(".5.3", StringComparison.Ordinal))) return reply.AsFailure();
        _postponed[index] = true;
        return new SmtpReply(452, "4.5.3", reply.Text);
    }

    private IEnumerable<SmtpClientEffect?> Data()
    {
        SmtpReply reply = new(0, "", "");
        if (session.Extensions.Pipelining || (_refusal is null && AnyWaiting))
        {
            if (!session.Extensions.Pipelining) session.Write("DATA");
            while (!Read(out reply)) yield return null;
            if (Closing is not null) yield break;
        }

        // After another positive reply the host may be waiting for the content: it must not read the next command as such.
        if (reply.Code is > 0 and < 400 and not 354) Closing = reply.AsFailure();
        else foreach (var effect in reply.Code == 354 ? Transfer() : Abandon(reply)) yield return effect;
    }

    private IEnumerable<SmtpClientEffect?> Transfer()
    {
        var stuffer = new DotStuffer();
        // RFC 2920 §3.1: a host that accepts DATA without any accepted recipient gets an empty message.
        var length = AnyWaiting ? _content.Length : 0;
        for (long offset = 0; offset < length;)
        {
            offset += WritePiece(offset, Piece, stuffer);
            yield return new SmtpClientEffect.Flush();
        }

        stuffer.End(session.Output);
        IsTransferred = length > 0;
        SmtpReply reply;
        while (!Read(out reply, skipText: true)) yield return null;
        IsTransferred = false;
        if (Closing is null) Conclude(reply.IsPositive ? reply : reply.AsFailure());
    }

    private IEnumerable<SmtpClientEffect?> Chunks()
    {
        SmtpReply reply = new(0, "", "");
        for (long offset = 0; AnyWaiting;)
        {
            var end = Math.Min(offset + Chunk, _content.Length);
            var last = end == _content.Length;
            session.Write(string.Create(CultureInfo.InvariantCulture, $"BDAT {end - offset}{(last ? " LAST" : "")}"));
            while (offset < end)
            {
                offset += WritePiece(offset, (int)Math.Min(Piece, end - offset), null);
                yield return new SmtpClientEffect.Flush();
            }

            IsTransferred = last;
            while (!Read(out reply, skipText: last)) yield return null;
            IsTransferred = false;
            if (Closing is not null) yield break;
            if (last) Conclude(reply.IsPositive ? reply : reply.AsFailure());
            else if (!reply.IsPositive) break;
            if (last && reply.IsPositive) yield break;
        }

        // No recipient is left, or the message was refused: RSET clears what the host holds of it (RFC 3030 §2).
        foreach (var effect in Abandon(reply)) yield return effect;
    }

    // The host has an open transaction that is no longer needed.
    private IEnumerable<SmtpClientEffect?> Abandon(SmtpReply reply)
    {
        if (AnyWaiting) Conclude(reply.AsFailure());
        session.Write("RSET");
        while (!Read(out _)) yield return null;
    }

    private void Conclude(SmtpReply reply)
    {
        for (var i = 0; i < _outcomes.Length; i++) _outcomes[i] ??= reply;
    }

    private int WritePiece(long offset, int most, DotStuffer? stuffer)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            var read = _content.Read(offset, buffer.AsSpan(0, most));
            if (read == 0) throw new InvalidOperationException("the message is shorter than its length");
            if (stuffer is null) session.Output.Write(buffer.AsSpan(0, read));
            else stuffer.Write(session.Output, buffer.AsSpan(0, read));
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool Read(out SmtpReply reply, bool skipText = false)
    {
        if (!session.TryRead(out reply, skipText)) return false;
        IsAnswered = true;
        if (reply.Code == 421) Closing = reply;
        return true;
    }
}
