using MailServer.Configuration;
using MailServer.Storage.SafeFiles;

namespace MailServer.Commands;

/// <summary>
/// What root writes for the server belongs to the user that the server runs as, the owner of the data directory; otherwise the server could not read its
/// keys or write its databases. Applied after every command, also after one that failed.
/// </summary>
internal static class ServiceFiles
{
    /// <summary>The files and directories that a command may have written for the server. True: with everything below.</summary>
    public static IReadOnlyList<(string Path, bool IsRecursive)> WrittenBy(DataAccessMode mode, MailServerOptions options, string configPath, bool holdsLock)
    {
        var storage = options.Storage;
        (string, bool)[] top = [(storage.DataDir, false), (storage.NodeDir, false), (options.KeyDirectory, false), .. KeyFiles(options)];
        return mode switch
        {
            DataAccessMode.None or DataAccessMode.RunningServer or DataAccessMode.RunsServer => [],
            DataAccessMode.ReadOnly or DataAccessMode.SharedDatabase => top,
            DataAccessMode.ConfigurationFiles => [.. top, (configPath, false)],
            // Without the lock the running server did the work.
            _ => holdsLock ? [(storage.DataDir, true), (storage.NodeDir, true), .. KeyFiles(options)] : top,
        };
    }

    public static void GiveToService(string command, CommandContext context)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess || context.LoadedOptions is not { } options) return;
        if (FileOwnership.ServiceUserOf(options.Storage.DataDir) is not { } user) return;
        foreach (var (path, isRecursive) in WrittenBy(DataAccess.Of(command), options, context.ConfigPath, context.HoldsDataLock))
        {
            try
            {
                FileOwnership.Give(path, user, isRecursive);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                context.Shell.WriteError($"the owner of '{path}' could not be changed: {e.Message}; the server may not be able to read it");
            }
        }
    }

    private static IEnumerable<(string Path, bool IsRecursive)> KeyFiles(MailServerOptions options) =>
        options.Domains.SelectMany(d => options.SigningKeys(d.Name)).Select(static k => (k.DkimKeyFile!, false)).Distinct();
}
