using System.CommandLine;
using MailServer.Common;
using MailServer.Importing;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Storage.Scripts;

namespace MailServer.Commands;

/// <summary><c>sieve import</c>: stores the scripts of a folder of Dovecot or Cyrus. A second import changes nothing.</summary>
internal static class SieveImportCommand
{
    public static Command Create(CommandFactory factory, Argument<string> account)
    {
        var directory = new Argument<string>("DIR") { Description = "The folder with the scripts: ~/sieve of Dovecot, the user's folder in the sievedir of Cyrus, or 'sieve-scripts' of an export." };
        var active = new Option<string?>("--active") { Description = "The script to activate. Default: the one that was active there, if its link shows it.", HelpName = "NAME" };
        return factory.Action(
            "import", "Store all scripts of a folder of Dovecot or Cyrus, and activate the one that is active there. Scripts of the same name are replaced.",
            ["sieve import ann@example.org /srv/old/ann/sieve", "sieve import ann@example.org /var/spool/sieve/a/ann --active main"], [account, directory, active, factory.Json], async (context, cancel) =>
            {
                var found = ForeignScripts.Find(context.Get(directory));
                if (found.Scripts.Count == 0) throw new CommandFailure($"no scripts (NAME.sieve) in '{context.Get(directory)}'");
                var wanted = context.Get(active) ?? found.Active;
                if (wanted is not null && found.Scripts.All(s => s.Name != wanted)) throw new CommandFailure($"no script '{wanted}' in '{context.Get(directory)}'");
                using var store = SieveCommands.Open(context);
                return await ImportAsync(context, store, found, wanted, cancel);
            });

        async Task<int> ImportAsync(CommandContext context, IScriptStore store, ForeignScripts found, string? wanted, CancellationToken cancel)
        {
            var user = context.Get(account);
            var before = (await store.ListAsync(user, cancel)).Scripts;
            var listing = new Listing("name", "result", "reason");
            var refused = new List<string>();
            foreach (var (name, file) in found.Scripts)
            {
                var (result, reason) = await StoreAsync(store, user, name, file, before.FirstOrDefault(s => s.Name == name)?.Version, cancel);
                if (result == "refused") refused.Add(name);
                listing.Add(name, result, reason);
            }

            var code = context.Print(listing);
            if (wanted is null) context.Shell.WriteError("no script was activated: nothing shows which one is active; see --active");
            else if (refused.Contains(wanted)) context.Shell.WriteError($"no script was activated: {wanted} was refused");
            else if (await store.ActivateAsync(user, wanted, cancel)) context.Shell.WriteError($"{wanted} is active");
            return refused.Count > 0 ? ExitCodes.Failed : code;
        }
    }

    private static async Task<(string Result, string Reason)> StoreAsync(IScriptStore store, string account, string name, string file, string? version, CancellationToken cancel)
    {
        try
        {
            var text = NamedFile.ReadAll(file, SieveLimits.Default.MaxScriptSize);
            if (version == ScriptFolder.VersionOf(text)) return ("unchanged", "");
            await store.PutAsync(account, name, text, cancel);
            return (version is null ? "stored" : "replaced", "");
        }
        catch (Exception e) when (e is CommandFailure or IOException or UnauthorizedAccessException)
        {
            // The other scripts are stored.
            return ("refused", e.Message.Split('\n')[0]);
        }
    }
}
