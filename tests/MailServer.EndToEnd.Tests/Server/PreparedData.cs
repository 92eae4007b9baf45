using System.Collections.Concurrent;
using MailServer.TestSupport;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>
/// A data directory with its databases, one domain and its signing key, created by <c>migrate</c> and <c>domain add</c> once per domain and then copied, which saves two
/// commands for each of the hundreds of servers.
/// </summary>
internal static class PreparedData
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Folders = new(StringComparer.Ordinal);

    /// <summary>Copies the data and the key for <paramref name="domain"/> to the folder of a server, which has none yet.</summary>
    public static async Task CopyAsync(string domain, string target)
    {
        var source = await Folders.GetOrAdd(domain, static d => new Lazy<Task<string>>(() => MakeAsync(d))).Value;
        (await ProgramRun.StartAsync("cp", ["-a", Path.Combine(source, "data"), Path.Combine(source, "dkim"), target])).Succeeded();
    }

    private static async Task<string> MakeAsync(string domain)
    {
        var folder = Directory.CreateTempSubdirectory("prepared-").FullName;
        RunCleanup.Add(() => Directory.Delete(folder, recursive: true));
        await using var server = ServerProcess.Describe(new ServerSettings { Domain = domain, Folder = folder });
        await server.MakeDataAsync();
        return folder;
    }
}
