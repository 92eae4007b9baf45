using System.Globalization;
using System.Text;

namespace MailServer.Load;

/// <summary>
/// An IMAP client that does as little as possible while the clock runs: the octets of a response are collected up to the tagged line,
/// and parsed afterwards.
/// </summary>
internal sealed class ImapConnection : IDisposable
{
    private readonly LineConnection _wire;
    private int _tag;

    private ImapConnection(LineConnection wire) => _wire = wire;

    /// <summary>Signs a user in. <paramref name="idles"/>: uses a small buffer and no read time-out.</summary>
    public static async Task<ImapConnection> LoginAsync(TargetServer target, int user, bool tls, bool idles = false)
    {
        var port = tls ? target.ImapsPort : target.ImapPort;
        var wire = await LineConnection.ConnectAsync(target.Host, port, tls, idles ? 1_024 : 65_536, waitsForEver: idles);
        var connection = new ImapConnection(wire);
        try
        {
            var greeting = await wire.LineAsync();
            if (!greeting.StartsWith("* OK", StringComparison.Ordinal)) throw new LoadException($"IMAP: {greeting}");
            await connection.CommandAsync($"LOGIN \"{target.User(user)}\" \"{target.Password}\"");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command and returns its untagged responses, valid until the next command; throws unless the result is OK.</summary>
    public async Task<ReadOnlyMemory<byte>> CommandAsync(string command)
    {
        var tag = NextTag();
        await _wire.SendAsync($"{tag} {command}\r\n");
        return await CompletionAsync(tag);
    }

    /// <summary>Appends messages, pipelined as far as LITERAL+ allows (RFC 7888).</summary>
    public async Task AppendAsync(string folder, IEnumerable<byte[]> messages, bool literalPlus)
    {
        const int ahead = 16;
        var waiting = new Queue<string>();
        foreach (var message in messages)
        {
            var tag = NextTag();
            await _wire.SendAsync($"{tag} APPEND {folder} {{{message.Length}{(literalPlus ? "+" : "")}}}\r\n");
            if (!literalPlus) await ContinuationAsync();
            await _wire.SendAsync(message);
            await _wire.SendAsync("\r\n");
            waiting.Enqueue(tag);
            if (!literalPlus || waiting.Count == ahead) await TaggedLineAsync(waiting.Dequeue());
        }

        while (waiting.TryDequeue(out var tag)) await TaggedLineAsync(tag);
    }

    /// <summary>Returns the number of messages in a folder, from STATUS.</summary>
    public async Task<int> CountAsync(string folder)
    {
        var text = Encoding.Latin1.GetString((await CommandAsync($"STATUS {folder} (MESSAGES)")).Span);
        var at = text.LastIndexOf("(MESSAGES ", StringComparison.OrdinalIgnoreCase);
        if (at < 0) throw new LoadException($"STATUS: {text}");
        at += "(MESSAGES ".Length;
        return int.Parse(text.AsSpan(at, text.IndexOf(')', at) - at), CultureInfo.InvariantCulture);
    }

    /// <summary>Starts IDLE (RFC 2177); then read <see cref="PushedAsync"/>.</summary>
    public async Task IdleAsync()
    {
        await _wire.SendAsync($"{NextTag()} IDLE\r\n");
        await ContinuationAsync();
    }

    public ValueTask<string> PushedAsync() => _wire.LineAsync();

    public async Task LogoutAsync()
    {
        await CommandAsync("LOGOUT");
        Dispose();
    }

    private string NextTag() => string.Create(CultureInfo.InvariantCulture, $"L{++_tag:D6}");

    private async Task ContinuationAsync()
    {
        string line;
        while (!(line = await _wire.LineAsync()).StartsWith('+'))
            if (!line.StartsWith("* ", StringComparison.Ordinal)) throw new LoadException($"IMAP: {line}");
    }

    private async Task TaggedLineAsync(string tag)
    {
        string line;
        while (!(line = await _wire.LineAsync()).StartsWith(tag, StringComparison.Ordinal)) { }
        if (!line.StartsWith($"{tag} OK", StringComparison.Ordinal)) throw new LoadException($"IMAP: {line}");
    }

    // The tagged line comes last, so only the end is searched.
    private async Task<ReadOnlyMemory<byte>> CompletionAsync(string tag)
    {
        var mark = Encoding.Latin1.GetBytes(tag + " ");
        while (true)
        {
            await _wire.FillAsync();
            var pending = _wire.Pending;
            if (pending.Span[^1] != '\n') continue;
            var line = pending.Span[..^1].LastIndexOf((byte)'\n') + 1;
            if (!pending.Span[line..].StartsWith(mark)) continue;
            _wire.Take(pending.Length);
            if (!pending.Span[(line + mark.Length)..].StartsWith("OK"u8))
                throw new LoadException($"IMAP: {Encoding.Latin1.GetString(pending.Span[line..]).TrimEnd()}");
            return pending[..line];
        }
    }

    public void Dispose() => _wire.Dispose();
}
