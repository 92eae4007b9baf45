using System.Buffers;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Actors.Delivery;

/// <summary>The host that mail for elsewhere is handed to, and how.</summary>
public sealed record RelayOptions
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>What we call ourselves.</summary>
    public required string Hostname { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan CommandTimeout { get; init; }

    public required bool RequireTls { get; init; }

    public required bool VerifyTls { get; init; }
}

/// <summary>
/// Hands a message to the relay host within the client's own transaction: its answer is the client's answer, so nothing is acknowledged
/// that the relay has not taken. All recipients or none.
/// </summary>
public sealed class RelayClient(OutboundConnector connector, RelayOptions options)
{
    /// <summary>Sends <paramref name="content"/> from <paramref name="offset"/> on (without our Return-Path) and disposes it. Never throws for what the network does.</summary>
    public async Task<SmtpReply> SendAsync(MailTransaction transaction, IReadOnlyCollection<EmailAddress> recipients, MessageContent content, int offset)
    {
        using var _ = content;
        using var tail = new ContentTail(content, offset);
        var message = new OutgoingMessage
        {
            Sender = transaction.Sender,
            Recipients = [.. recipients],
            Content = tail,
            EightBit = transaction.EightBit,
            SmtpUtf8 = transaction.SmtpUtf8,
        };
        try
        {
            await using var connection = await connector.ConnectAsync(options.Host, options.Port, options.ConnectTimeout, CancellationToken.None);
            return await ConverseAsync(connection, message);
        }
        catch (Exception e) when (e is OutboundException or TlsException or IOException or OperationCanceledException)
        {
            return new SmtpReply(451, "4.4.1", "The relay host cannot be reached now, try again later");
        }
    }

    private async Task<SmtpReply> ConverseAsync(OutboundConnection connection, OutgoingMessage message)
    {
        using var session = new SmtpClientSession(new SmtpClientOptions
        {
            HeloName = options.Hostname,
            TlsPolicy = options.RequireTls ? SmtpTlsPolicy.Required : SmtpTlsPolicy.WhenOffered,
        })
        { Output = connection.Output };
        var input = ReadOnlySequence<byte>.Empty;
        var held = false;
        SmtpReply? reply = null;
        while (true)
        {
            switch (session.Advance(ref input))
            {
                case null:
                    if (held) connection.Input.AdvanceTo(input.Start, input.End);
                    await FlushAsync(connection);
                    input = await ReadAsync(connection);
                    held = true;
                    break;
                case SmtpClientEffect.Flush:
                    await FlushAsync(connection);
                    break;
                case SmtpClientEffect.StartTls:
                    if (held) connection.Input.AdvanceTo(input.End);
                    (held, input) = (false, ReadOnlySequence<byte>.Empty);
                    await FlushAsync(connection);
                    session.TlsStarted(await connection.StartTlsAsync(options.Host, options.VerifyTls, CancellationToken.None));
                    session.Output = connection.Output;
                    break;
                case SmtpClientEffect.Ready when reply is null:
                    session.Send(message);
                    break;
                case SmtpClientEffect.Ready:
                    session.Quit();
                    break;
                case SmtpClientEffect.Finished finished:
                    reply = Summarize(finished.Outcome);
                    // The outcome stands; QUIT is a courtesy that the client need not wait for.
                    return reply;
                case SmtpClientEffect.Failed failed:
                    return reply ?? failed.Reply;
                default:
                    return reply ?? new SmtpReply(451, "4.4.2", "The relay host closed the connection, try again later");
            }
        }
    }

    /// <summary>The worst of all answers: with all-or-none, anything but a positive one for each means that nothing was taken.</summary>
    private static SmtpReply Summarize(SmtpOutcome outcome)
    {
        var refused = outcome.Recipients.Where(r => !r.Reply.IsPositive).ToArray();
        if (refused.Length == 0) return outcome.Recipients[0].Reply;
        var worst = refused.FirstOrDefault(r => !r.Reply.IsTransient) ?? refused[0];
        return worst.Reply with { Text = $"<{worst.Recipient}>: {worst.Reply.Text}" };
    }

    private async Task FlushAsync(OutboundConnection connection)
    {
        using var late = new CancellationTokenSource(options.CommandTimeout);
        await connection.Output.FlushAsync(late.Token);
    }

    private async Task<ReadOnlySequence<byte>> ReadAsync(OutboundConnection connection)
    {
        using var late = new CancellationTokenSource(options.CommandTimeout);
        var result = await connection.Input.ReadAsync(late.Token);
        if (result.IsCompleted && result.Buffer.IsEmpty) throw new IOException("the relay host closed the connection");
        return result.Buffer;
    }

    /// <summary>A message without its first octets.</summary>
    private sealed class ContentTail(MessageContent content, int offset) : MessageContent
    {
        public override long Length => content.Length - offset;

        public override int Read(long at, Span<byte> destination) => content.Read(at + offset, destination);
    }
}
