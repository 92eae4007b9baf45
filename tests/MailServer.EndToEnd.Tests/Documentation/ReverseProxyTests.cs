using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Documentation;

/// <summary>The proxies accept the configurations of docs/reverse-proxy.md.</summary>
public sealed partial class ReverseProxyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("proxy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ClientFact("haproxy")]
    public async Task HAProxy_accepts_its_configuration()
    {
        var file = Path.Combine(_folder, "haproxy.cfg");
        await File.WriteAllTextAsync(file, Assert.Single(HaproxyBlock().Matches(await File.ReadAllTextAsync(Path.Combine(ProjectPaths.Root, "docs/reverse-proxy.md")))).Groups["body"].Value);
        (await ProgramRun.StartAsync("haproxy", ["-c", "-f", file])).Succeeded();
    }

    [GeneratedRegex("^```haproxy\n(?<body>.*?)^```", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex HaproxyBlock();
}
