using System.Buffers;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Domain.Sessions;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Actors.Queue;

/// <summary>An SMTP client session on another host, over which messages are sent one after another. Not thread-safe.</summary>
internal sealed class OutboundSession : IAsyncDisposable
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly OutboundConnection _connection;
    private readonly SmtpClientSession _session;
    private readonly TimeSpan _timeout;
    private ReadOnlySequence<byte> _input = ReadOnlySequence<byte>.Empty;
    private bool _held;
    private bool _ended;
    private int _repliesBefore;
    private CancellationTokenSource? _deadline;
    private PeerRequirements? _check;
    private Func<bool, ConvertedMessage> _convert = static _ => new ConvertedMessage(null, null);

    private OutboundSession(OutboundConnection connection, SmtpClientSession session, string host, TimeSpan timeout)
    {
        _connection = connection;
        _session = session;
        _timeout = timeout;
        Host = host;
        session.Output = connection.Output;
    }

    public string Host { get; }

    /// <summary>Protocol version and verification result, or why there is no TLS; for display.</summary>
    public string Tls { get; set; } = "none";

    /// <summary>Number of messages sent over it.</summary>
    public int Messages { get; private set; }

    /// <summary>True when it accepts another message.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Opens a session over a new connection, which it then owns. With <paramref name="implicitTls"/> the TLS handshake comes first.</summary>
    /// <exception cref="TlsException">The handshake failed.</exception>
    public static async Task<SignOnResult> SignOnAsync(OutboundConnection connection, string host, TimeSpan timeout, SmtpClientOptions options, PeerRequirements check, bool implicitTls = false)
    {
        if (implicitTls) options = options with { Tls = await ShakeHandsAsync(connection, check) };
        var opening = new OutboundSession(connection, new SmtpClientSession(options), host, timeout) { _check = check };
        try
        {
            var effect = await opening.AdvanceAsync();
            if (effect is SmtpClientEffect.Ready)
            {
                opening.IsOpen = true;
                return new SignOnResult(opening, null, opening._session.LacksTls, opening._session.OffersRequireTls);
            }

            await opening.DisposeAsync();
            var reply = effect is SmtpClientEffect.Failed failed ? failed.Reply : new SmtpReply(451, "4.4.2", "The host closed the connection");
            return new SignOnResult(null, reply, opening._session.LacksTls, false);
        }
        catch
        {
            await opening.DisposeAsync();
            throw;
        }
    }

    private static async Task<TlsInfo> ShakeHandsAsync(OutboundConnection connection, PeerRequirements check)
    {
        try
        {
            return await connection.StartTlsAsync(check, CancellationToken.None);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Sends one message. <paramref name="convert"/> makes its version for a host that needs 7-bit content (or, if true, only an ASCII header). Returns null when the connection was lost
    /// before the host replied, so nothing was sent. Network errors do not throw.
    /// </summary>
    public async Task<SmtpOutcome?> SendAsync(OutgoingMessage message, Func<bool, ConvertedMessage> convert)
    {
        Messages++;
        _convert = convert;
        _session.Send(message);
        try
        {
            LookForInput();
            var effect = await AdvanceAsync();
            IsOpen = false;
            if (effect is not SmtpClientEffect.Finished finished) return _session.IsAnswered ? _session.ConnectionLost("The host closed the connection") : null;
            // The next effect is Ready, unless the host announced that it closes the connection.
            IsOpen = await AdvanceAsync() is SmtpClientEffect.Ready;
            return finished.Outcome;
        }
        catch (Exception e) when (e is IOException or TlsException or OperationCanceledException)
        {
            IsOpen = false;
            if (!_session.IsAnswered) return null;
            return _session.ConnectionLost(e is OperationCanceledException ? "The host did not answer in time" : "The host closed the connection");
        }
    }

    /// <summary>Sends QUIT and closes the connection.</summary>
    public async ValueTask QuitAsync()
    {
        if (IsOpen)
        {
            IsOpen = false;
            _session.Quit();
            try
            {
                using var late = new CancellationTokenSource(Farewell);
                _session.Advance(ref _input);
                await _connection.Output.FlushAsync(late.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The host has already closed the connection.
            }
        }

        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        IsOpen = false;
        _deadline?.Dispose();
        _session.Dispose();
        await _connection.DisposeAsync();
    }

    /// <summary>Runs the session until it needs its caller.</summary>
    private async Task<SmtpClientEffect> AdvanceAsync()
    {
        while (true)
        {
            switch (_session.Advance(ref _input))
            {
                case null:
                    await ReadAsync();
                    break;
                case SmtpClientEffect.Flush:
                    await FlushAsync();
                    break;
                case SmtpClientEffect.Convert convert:
                    var (content, refusal) = _convert(convert.KeepsBodies);
                    _session.Converted(content, refusal);
                    break;
                case SmtpClientEffect.StartTls:
                    await StartTlsAsync();
                    break;
                case { } effect:
                    return effect;
            }
        }
    }

    private async Task StartTlsAsync()
    {
        if (_held) _connection.Input.AdvanceTo(_input.End);
        (_held, _input) = (false, ReadOnlySequence<byte>.Empty);
        await FlushAsync();
        _session.TlsStarted(await _connection.StartTlsAsync(_check!, CancellationToken.None));
        _session.Output = _connection.Output;
    }

    private async Task FlushAsync()
    {
        using var late = new CancellationTokenSource(_timeout);
        await _connection.Output.FlushAsync(late.Token);
    }

    /// <summary>Shows the session what the host sent since the last message, without waiting.</summary>
    private void LookForInput()
    {
        if (!_input.IsEmpty) return;
        if (_held) _connection.Input.AdvanceTo(_input.End);
        _held = _connection.Input.TryRead(out var result);
        _input = _held ? result.Buffer : ReadOnlySequence<byte>.Empty;
        _ended |= _held && result.IsCompleted;
        if (_ended && _input.IsEmpty) throw new IOException("the host closed the connection");
    }

    /// <summary>The deadline of one reply: a host that sends it octet by octet gets no more time. For the message it is longer (RFC 5321 §4.5.3.2.6).</summary>
    private CancellationToken Deadline()
    {
        if (_deadline is not null && _repliesBefore == _session.Replies && _connection.Output.UnflushedBytes == 0) return _deadline.Token;
        _deadline?.Dispose();
        _deadline = new CancellationTokenSource(_session.IsTransferred ? _timeout * 2 : _timeout);
        _repliesBefore = _session.Replies;
        return _deadline.Token;
    }

    private async Task ReadAsync()
    {
        if (_held) _connection.Input.AdvanceTo(_input.Start, _input.End);
        _held = false;
        _input = ReadOnlySequence<byte>.Empty;
        var deadline = Deadline();
        await FlushAsync();
        var result = await _connection.Input.ReadAsync(deadline);
        (_held, _input) = (true, result.Buffer);
        // Data that arrived together with the end is processed first.
        var nothingMore = _ended || result.Buffer.IsEmpty;
        _ended = result.IsCompleted;
        if (_ended && nothingMore) throw new IOException("the host closed the connection");
    }
}

/// <summary>A session, or the reason why there is none.</summary>
/// <param name="Session">The open session.</param>
/// <param name="Refusal">The host's reply, or ours.</param>
/// <param name="LacksTls">The host does not offer STARTTLS, or refuses it.</param>
/// <param name="OffersRequireTls">The host offers REQUIRETLS.</param>
internal sealed record SignOnResult(OutboundSession? Session, SmtpReply? Refusal, bool LacksTls, bool OffersRequireTls);

/// <summary>A message without its first octets.</summary>
internal sealed class ContentTail(MessageContent content, int skip) : MessageContent
{
    public override long Length => content.Length - skip;

    public override int Read(long offset, Span<byte> destination) => content.Read(offset + skip, destination);

    protected override void Dispose(bool disposing)
    {
        content.Dispose();
        base.Dispose(disposing);
    }
}
