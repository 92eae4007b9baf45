using System.Buffers;
using System.Globalization;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>
/// One message on its way (RFC 5321 §3.3). With PIPELINING, MAIL, all RCPT and DATA go out together and their replies are read in order
/// (RFC 2920 §3.1); without, one by one. A 421 at any point ends the connection.
/// </summary>
internal sealed class ClientTransaction(SmtpClientSession session, OutgoingMessage message)
{
    private const int Piece = 32 * 1024;

    private readonly SmtpReply?[] _outcomes = new SmtpReply?[message.Recipients.Count];
    private SmtpReply? _refusal;

    /// <summary>The host has said something to it.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The 421 after which the host closes.</summary>
    public SmtpReply? Closing { get; private set; }

    private bool AnyWaiting => Array.Exists(_outcomes, outcome => outcome is null);

    /// <summary>The outcome, with <paramref name="unknown"/> for recipients that have none yet.</summary>
    public SmtpOutcome OutcomeWith(SmtpReply unknown) =>
        new([.. message.Recipients.Select((recipient, i) => new RecipientOutcome(recipient, _outcomes[i] ?? Closing ?? unknown))], session.Offer.Dsn);

    public IEnumerable<SmtpClientEffect?> Run()
    {
        if (Impossible() is { } reason)
        {
            Array.Fill(_outcomes, reason);
            yield break;
        }

        var pipelined = session.Offer.Pipelining;
        session.Write(MailCommand());
        if (pipelined)
        {
            foreach (var recipient in message.Recipients) session.Write(RecipientCommand(recipient));
            session.Write("DATA");
        }

        foreach (var effect in Introduce(pipelined)) yield return effect;
        if (Closing is not null) yield break;

        SmtpReply reply = new(0, "", "");
        if (pipelined || (_refusal is null && AnyWaiting))
        {
            if (!pipelined) session.Write("DATA");
            while (!Read(out reply)) yield return null;
            if (Closing is not null) yield break;
        }

        foreach (var effect in reply.Code == 354 ? Transfer() : Abandon(reply)) yield return effect;
    }

    // MAIL and RCPT; a refused MAIL is every recipient's outcome.
    private IEnumerable<SmtpClientEffect?> Introduce(bool pipelined)
    {
        SmtpReply reply;
        while (!Read(out reply)) yield return null;
        if (!reply.IsPositive) _refusal = reply;
        for (var i = 0; i < _outcomes.Length && Closing is null; i++)
        {
            if (!pipelined)
            {
                if (_refusal is null) session.Write(RecipientCommand(message.Recipients[i]));
                else reply = _refusal;
            }

            if (pipelined || _refusal is null)
                while (!Read(out reply)) yield return null;
            if (_refusal is not null) _outcomes[i] = _refusal;
            else if (!reply.IsPositive) _outcomes[i] = Negative(reply);
        }
    }

    private IEnumerable<SmtpClientEffect?> Transfer()
    {
        var stuffer = new DotStuffer();
        // RFC 2920 §3.1: a host that wants a message for nobody gets an empty one.
        var length = AnyWaiting ? message.Content.Length : 0;
        for (long offset = 0; offset < length;)
        {
            offset += WritePiece(stuffer, offset);
            yield return new SmtpClientEffect.Flush();
        }

        stuffer.End(session.Output);
        SmtpReply reply;
        while (!Read(out reply)) yield return null;
        if (Closing is null) Conclude(reply.IsPositive ? reply : Negative(reply));
    }

    // The host holds an open transaction that is of no use.
    private IEnumerable<SmtpClientEffect?> Abandon(SmtpReply reply)
    {
        if (AnyWaiting) Conclude(Negative(reply));
        session.Write("RSET");
        while (!Read(out _)) yield return null;
    }

    private void Conclude(SmtpReply reply)
    {
        for (var i = 0; i < _outcomes.Length; i++) _outcomes[i] ??= reply;
    }

    private int WritePiece(DotStuffer stuffer, long offset)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            var read = message.Content.Read(offset, buffer.AsSpan(0, Piece));
            if (read == 0) throw new InvalidOperationException("the message is shorter than its length");
            stuffer.Write(session.Output, buffer.AsSpan(0, read));
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string MailCommand()
    {
        var command = $"MAIL FROM:<{message.Sender}>";
        if (session.Offer.Size) command += string.Create(CultureInfo.InvariantCulture, $" SIZE={message.Content.Length}");
        if (message.EightBit && session.Offer.EightBitMime) command += " BODY=8BITMIME";
        if (message.SmtpUtf8) command += " SMTPUTF8";
        if (!session.Offer.Dsn) return command;
        if (message.Dsn.Return != DsnReturn.Unsaid) command += message.Dsn.Return == DsnReturn.Full ? " RET=FULL" : " RET=HDRS";
        return message.Dsn.EnvelopeId is { } id ? $"{command} ENVID={id}" : command;
    }

    private string RecipientCommand(EmailAddress recipient)
    {
        var command = $"RCPT TO:<{recipient}>";
        if (!session.Offer.Dsn) return command;
        var (notify, original) = message.Dsn.Of(recipient);
        if (notify == DsnNotify.Never) command += " NOTIFY=NEVER";
        else if (notify != DsnNotify.Unsaid) command += $" NOTIFY={NotifyWords(notify)}";
        return original is null ? command : $"{command} ORCPT={original}";
    }

    private static string NotifyWords(DsnNotify notify)
    {
        var words = new List<string>(3);
        if (notify.HasFlag(DsnNotify.Success)) words.Add("SUCCESS");
        if (notify.HasFlag(DsnNotify.Failure)) words.Add("FAILURE");
        if (notify.HasFlag(DsnNotify.Delay)) words.Add("DELAY");
        return string.Join(',', words);
    }

    private SmtpReply? Impossible()
    {
        if (message.SmtpUtf8 && !session.Offer.SmtpUtf8) return new SmtpReply(553, "5.6.7", "The host does not offer SMTPUTF8");
        if (session.Offer.MaxSize > 0 && message.Content.Length > session.Offer.MaxSize)
            return new SmtpReply(552, "5.3.4", "The message is larger than the host takes");
        return null;
    }

    private bool Read(out SmtpReply reply)
    {
        if (!session.TryRead(out reply)) return false;
        IsAnswered = true;
        if (reply.Code == 421) Closing = reply;
        return true;
    }

    // Neither yes nor no is a reply we cannot go by.
    private static SmtpReply Negative(SmtpReply reply) =>
        reply.Code >= 400 ? reply : new SmtpReply(451, "4.5.0", $"Unexpected reply {reply.Code}");
}
