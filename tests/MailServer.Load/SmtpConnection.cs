using System.Diagnostics;

namespace MailServer.Load;

/// <summary>Delivers mail over one connection, pipelined where the server announces it, as a relaying server would.</summary>
internal sealed class SmtpConnection : IDisposable
{
    /// <summary>Servers limit the transactions per connection; after this many a new one is opened.</summary>
    private const int Transactions = 500;

    private readonly TargetServer _target;
    private LineConnection? _wire;
    private bool _pipelining;
    private int _done;

    public SmtpConnection(TargetServer target) => _target = target;

    /// <summary>Delivers one message and returns the time of its 250 as a <see cref="Stopwatch"/> timestamp.</summary>
    public async Task<long> DeliverAsync(string recipient, ReadOnlyMemory<byte> message)
    {
        if (_done++ % Transactions == 0) await ReconnectAsync();
        string[] envelope = ["MAIL FROM:<load@example.org>\r\n", $"RCPT TO:<{recipient}>\r\n", "DATA\r\n"];
        int[] codes = [250, 250, 354];
        if (_pipelining) await _wire!.SendAsync(string.Concat(envelope));
        for (var i = 0; i < envelope.Length; i++)
        {
            if (!_pipelining) await _wire!.SendAsync(envelope[i]);
            await ExpectAsync(codes[i]);
        }

        await _wire!.SendAsync(message);
        await _wire.SendAsync(".\r\n");
        await ExpectAsync(250);
        return Stopwatch.GetTimestamp();
    }

    public async Task ReconnectAsync()
    {
        await QuitAsync();
        _wire = await LineConnection.ConnectAsync(_target.Host, _target.SmtpPort, tls: false);
        await ExpectAsync(220);
        await _wire.SendAsync("EHLO load.example.org\r\n");
        _pipelining = (await ExpectAsync(250)).Contains("PIPELINING", StringComparison.OrdinalIgnoreCase);
    }

    public async Task QuitAsync()
    {
        if (_wire is null) return;
        await _wire.SendAsync("QUIT\r\n");
        await ExpectAsync(221);
        _wire.Dispose();
        _wire = null;
    }

    private async Task<string> ExpectAsync(int code)
    {
        var text = "";
        while (true)
        {
            var line = await _wire!.LineAsync();
            text += line + "\n";
            if (line.Length >= 4 && line[3] == '-') continue;
            return line.StartsWith($"{code}", StringComparison.Ordinal) ? text : throw new LoadException($"SMTP: {code} expected: {line}");
        }
    }

    public void Dispose() => _wire?.Dispose();
}
