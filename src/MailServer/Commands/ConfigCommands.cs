using System.CommandLine;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Hosting;
using MailServer.Storage.SafeFiles;

namespace MailServer.Commands;

/// <summary><c>config check</c>.</summary>
internal static class ConfigCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "config", "The configuration file.",
        factory.Action("check", "Reports every problem of the configuration at once, with key and line.", ["config check --config ./config.yaml"], [], static async (context, cancel) =>
        {
            var loaded = ConfigurationLoader.Read(context.ConfigPath, context.Shell.Environment);
            var problems = loaded.Problems.Concat(MissingFiles(context.ConfigPath, loaded.Options)).Concat(UnwritableLog(context.ConfigPath, loaded.Options)).Concat(await UnknownDomainsAsync(context, loaded.Options, cancel)).ToArray();
            foreach (var problem in problems.OrderBy(static p => p.Line)) context.Shell.Complain(problem.ToString());
            if (problems.Any(static p => !p.IsWarning)) return ExitCodes.Failed;
            context.Say($"{context.ConfigPath}: no errors");
            return ExitCodes.Done;
        }));

    private static IEnumerable<ConfigurationProblem> MissingFiles(string source, MailServerOptions options) =>
        from file in new[] { (Key: "tls.cert_file", Path: options.Tls.CertFile), (Key: "tls.key_file", Path: options.Tls.KeyFile), (Key: "cluster.database_file", Path: options.Cluster.DatabaseFile) }
        where file.Path is not null && !File.Exists(file.Path)
        select new ConfigurationProblem(source, 0, file.Key, $"there is no file '{file.Path}'");

    /// <summary>Whether the server, which runs as the owner of the data, could write its log; nothing is written for it.</summary>
    private static IEnumerable<ConfigurationProblem> UnwritableLog(string source, MailServerOptions options)
    {
        if (options.Logging.IsFile && AppendAccess.FindObstacle(Path.GetFullPath(options.Logging.Output), Path.GetFullPath(options.Storage.DataDir)) is { } obstacle)
            yield return new ConfigurationProblem(source, 0, "logging.output", $"the log cannot be written: {obstacle}");
    }

    private static async Task<List<ConfigurationProblem>> UnknownDomainsAsync(CommandContext context, MailServerOptions options, CancellationToken cancel)
    {
        var problems = new List<ConfigurationProblem>();
        if (options.Domains.Count == 0) return problems;
        try
        {
            using var directory = SharedParts.OpenDirectory(options, create: false, context.Shell.Time, null);
            foreach (var domain in options.Domains)
            {
                if (domain.Name.Length == 0 || await directory.IsHostedAsync(domain.Name, cancel)) continue;
                problems.Add(Warn("domains", $"'{domain.Name}' is not hosted yet; add it with 'mailserver domain add {domain.Name}'"));
            }
        }
        catch (DirectoryException e)
        {
            problems.Add(Warn(options.Cluster.Enabled ? "cluster.database" : "storage.database_path", e.Message + "; 'mailserver migrate' makes or mends it"));
        }

        return problems;

        ConfigurationProblem Warn(string key, string text) => new(context.ConfigPath, 0, key, text) { IsWarning = true };
    }
}
