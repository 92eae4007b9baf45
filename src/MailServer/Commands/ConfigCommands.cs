using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Hosting;
using MailServer.Storage.SafeFiles;

namespace MailServer.Commands;

/// <summary><c>config check</c>.</summary>
internal static class ConfigCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "config", "Check the configuration file.",
        factory.Action("check", "Report every error in the configuration that prevents a start, with key and line.", ["config check --config ./config.yaml"], [], static async (context, cancel) =>
        {
            var loaded = ConfigurationLoader.ReadForStart(context.ConfigPath, context.Shell.Environment);
            var problems = new List<ConfigurationProblem>(loaded.Problems);
            // With invalid values the directory cannot be opened.
            if (!problems.Exists(static p => !p.IsWarning)) problems.AddRange(await UnknownDomainsAsync(context, loaded.Options, cancel));
            problems.AddRange(UnwritableLog(context.ConfigPath, loaded.Options));
            foreach (var problem in problems.OrderBy(static p => p.Line)) context.Shell.WriteError(problem.ToString());
            if (problems.Any(static p => !p.IsWarning)) return ExitCodes.Failed;
            context.WriteLine($"{context.ConfigPath}: no errors");
            return ExitCodes.Success;
        }));

    /// <summary>Warns when the owner of the data directory, as whom the server runs, cannot write the log file. Nothing is written to find out.</summary>
    private static IEnumerable<ConfigurationProblem> UnwritableLog(string source, MailServerOptions options)
    {
        if (options.Logging.IsFile && AppendAccess.FindObstacle(Path.GetFullPath(options.Logging.Output), Path.GetFullPath(options.Storage.DataDir)) is { } obstacle)
            yield return new ConfigurationProblem(source, 0, "logging.output", $"the log file cannot be written: {obstacle}") { IsWarning = true };
    }

    private static async Task<List<ConfigurationProblem>> UnknownDomainsAsync(CommandContext context, MailServerOptions options, CancellationToken cancel)
    {
        var problems = new List<ConfigurationProblem>();
        if (options.Domains.Count == 0) return problems;
        try
        {
            using var directory = SharedStores.OpenDirectory(options, create: false, context.Shell.Time, null);
            foreach (var domain in options.Domains)
            {
                if (domain.Name.Length == 0 || await directory.IsHostedAsync(domain.Name, cancel)) continue;
                problems.Add(Warn("domains", $"'{domain.Name}' is not hosted yet; add it with 'mailserver domain add {domain.Name}'"));
            }
        }
        catch (DirectoryException e)
        {
            problems.Add(Warn(options.Cluster.Enabled ? "cluster.database" : "storage.database_path", e.Message + "; 'mailserver migrate' creates or updates it"));
        }

        return problems;

        ConfigurationProblem Warn(string key, string text) => new(context.ConfigPath, 0, key, text) { IsWarning = true };
    }
}
