using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>A server whose log file has a small file system of its own. Needs root.</summary>
public sealed partial class LogDiskServer : IAsyncLifetime
{
    public ServerProcess Server { get; private set; } = null!;

    /// <summary>The folder of the log file, which is the small file system.</summary>
    public string Logs => Path.Combine(Server.Folder, "logs");

    public string LogFile => Path.Combine(Logs, "mail.log");

    public async Task InitializeAsync()
    {
        // Without root the tests of this server are skipped.
        if (!Environment.IsPrivilegedProcess) return;
        Server = await ServerProcess.CreateAsync();
        Directory.CreateDirectory(Logs);
        (await ProgramRun.StartAsync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", Logs])).Succeeded();
        var text = await File.ReadAllTextAsync(Server.ConfigFile);
        await File.WriteAllTextAsync(Server.ConfigFile, text.Replace($"output: {Server.Folder}/server.log", $"output: {LogFile}", StringComparison.Ordinal));
        await Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (Server is null) return;
        await Server.KillAsync();
        await ProgramRun.StartAsync("umount", ["-l", Logs]);
        await Server.DisposeAsync();
    }

    /// <summary>Delivers a message; returns its id, which the log names.</summary>
    public async Task<string> DeliverAsync(string user, string subject)
    {
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        var reply = await wire.TransactionAsync("someone@sender.example", [user], TestMail.Text(user, subject));
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        var id = Id().Match(reply);
        Assert.True(id.Success, reply);
        return id.Value;
    }

    /// <summary>The ids of the stored messages that the log names, in all of its files; each line is complete.</summary>
    public async Task<List<string>> StoredAsync()
    {
        var found = new List<string>();
        foreach (var file in Directory.GetFiles(Logs, "mail.log*"))
        {
            await using var octets = File.OpenRead(file);
            using var lines = new StreamReader(file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(octets, CompressionMode.Decompress) : octets);
            var text = await lines.ReadToEndAsync();
            // The last line may be in the middle of being written.
            foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                using var read = JsonDocument.Parse(line);
                if (line.Contains("stored for account", StringComparison.Ordinal)) found.Add(Id().Match(line).Value);
            }
        }

        return found;
    }

    /// <summary>Waits until the log names each of these messages once.</summary>
    public async Task EachIsLoggedOnceAsync(IReadOnlyCollection<string> ids)
    {
        List<string> stored = [];
        await Eventually.BecomesTrueAsync(async () => ids.Except(stored = await StoredAsync(), StringComparer.Ordinal).FirstOrDefault() is null, "the log names every message", TimeSpan.FromSeconds(60));
        Assert.Equal(stored.Count, stored.Distinct(StringComparer.Ordinal).Count());
    }

    // seconds.M…P…Q….host
    [GeneratedRegex(@"\d+\.M\d+P\d+Q\d+\.[\w.-]*\w", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Id();
}
