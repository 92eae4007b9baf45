using System.Text;

namespace MailServer.EndToEnd.Tests.Mail;

/// <summary>A ManageSieve connection of a test.</summary>
public sealed class ManageSieveClient : IAsyncDisposable
{
    private ManageSieveClient(WireClient wire) => Wire = wire;

    public WireClient Wire { get; }

    /// <summary>Connects, and reads the greeting.</summary>
    public static async Task<ManageSieveClient> ConnectAsync(int port, bool tls = false, string from = "127.0.0.1", string to = "127.0.0.1")
    {
        var client = new ManageSieveClient(await WireClient.ConnectAsync(port, tls, from, to));
        await client.ReadAsync();
        return client;
    }

    /// <summary>Connects, starts TLS and signs in.</summary>
    public static async Task<ManageSieveClient> SignInAsync(int port, string user, string password, string to = "127.0.0.1")
    {
        var client = await ConnectAsync(port, to: to);
        Assert.StartsWith("OK ", (await client.SayAsync("STARTTLS"))[^1], StringComparison.Ordinal);
        await client.Wire.StartTlsAsync();
        await client.ReadAsync();
        Assert.Equal("OK \"Signed in\"", await client.AuthenticateAsync(user, password));
        return client;
    }

    /// <summary>Signs in with PLAIN, and returns the response.</summary>
    public async Task<string> AuthenticateAsync(string user, string password) =>
        (await SayAsync($"AUTHENTICATE \"PLAIN\" \"{Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{password}"))}\""))[^1];

    /// <summary>Stores a script, and returns the response.</summary>
    public async Task<string> PutAsync(string name, string script) => (await SayAsync($"PUTSCRIPT \"{name}\" {{{Encoding.Latin1.GetByteCount(script)}+}}\r\n{script}"))[^1];

    /// <summary>Sends a command and reads its response; the last line is OK, NO or BYE.</summary>
    public async Task<IReadOnlyList<string>> SayAsync(string command)
    {
        await Wire.SendAsync(command + "\r\n");
        return await ReadAsync();
    }

    public ValueTask DisposeAsync() => Wire.DisposeAsync();

    /// <summary>Reads a response; the last line is OK, NO or BYE.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync()
    {
        var lines = new List<string>();
        while (await Wire.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line is "OK" or "NO" or "BYE" || line.Split(' ')[0] is "OK" or "NO" or "BYE") return lines;
        }

        return [.. lines, "closed"];
    }
}
