using System.CommandLine;
using MailServer.Common;
using MailServer.Domain;
using MailServer.Domain.Formatting;
using MailServer.Exporting;
using MailServer.Hosting;
using MailServer.Storage.Directory;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Scripts;

namespace MailServer.Commands;

/// <summary><c>export</c>: writes an account's mail in a format that other programs read. It only reads files, so it works whether or not the server runs.</summary>
internal static class ExportCommand
{
    public static Command Create(CommandFactory factory)
    {
        var directory = new Argument<string>("DIR") { Description = "The directory to create. It must not exist or be empty." };
        var account = new Option<string>("--account") { Description = "The user's address.", HelpName = "ADDRESS", Required = true };
        var format = new Option<string>("--format") { Description = "The format: maildir (Maildir++, as used by Dovecot and Courier) or mbox (one file per folder).", HelpName = "FORMAT", DefaultValueFactory = _ => "maildir" };
        format.AcceptOnlyFromAmong("maildir", "mbox");
        return factory.Action(
            "export", "Write a user's mail as a Maildir or as mbox files.", ["export /tmp/ann --account ann@example.org", "export /tmp/ann --account ann@example.org --format mbox"],
            [directory, account, format, factory.Json], async (context, cancel) =>
            {
                var target = context.Get(directory);
                if (BackupLayout.PlacesOf(context.Options, null).Owns(target)) throw new CommandFailure($"{target} is inside the server's data directory: export to another place");
                if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()) throw new CommandFailure($"{target} is not empty");
                var address = CommandContext.Address(context.Get(account)!);
                using var users = context.OpenDirectory();
                var found = (await users.Administration.ListAccountsAsync(null, cancel)).FirstOrDefault(a => a.Address.Equals(address))
                    ?? throw new CommandFailure($"no user '{address}'; see 'mailserver user list'");
                var mailbox = AccountFolder.PathOf(context.Options.Storage.MaildirPath, found.Id);
                FolderOwner.Verify(mailbox, found);
                var mail = new MaildirReader(mailbox);
                var isMbox = context.Get(format) == "mbox";
                var count = await ProgressBar.RunAsync(context, report => Task.Run(() => WriteAll(mail, target, new ExportNames(isMbox), isMbox, context.Shell.WriteError, report, cancel), cancel));
                context.WriteLine($"wrote {Quantity.Of(count, "message")} to {target}");
                WriteScripts(context, new ScriptFolder(mailbox, Limits.Default), Path.Combine(target, "sieve-scripts"));
                return ExitCodes.Success;
            });
    }

    private static void WriteScripts(CommandContext context, ScriptFolder scripts, string directory)
    {
        if (scripts.List() is not { Count: > 0 } all) return;
        scripts.ExportTo(directory);
        context.WriteLine($"wrote {Quantity.Of(all.Count, "script")} to {directory}{(scripts.Active is { Length: > 0 } active ? $"; the active one is {active}" : "")}");
    }

    private static long WriteAll(
        MaildirReader mail, string target, ExportNames names, bool isMbox, Action<string> complain, ProgressBar.Report report, CancellationToken cancel)
    {
        var (done, total) = (0L, mail.Folders.Sum(static f => (long)f.Files.Count));
        foreach (var folder in mail.Folders)
        {
            var name = names.Of(folder.Name);
            if (names.IsChanged(folder.Name, name)) complain($"the folder '{folder.Name.Value}' is called {name} in the export");
            using var mbox = isMbox ? Mbox(Path.Combine(target, name)) : null;
            var directory = isMbox ? "" : Maildir(Path.Combine(target, name));
            if (!isMbox && folder.Keywords.Count > 0)
                using (var keywords = new StreamWriter(PrivateFile.ReplaceStream(Path.Combine(directory, "dovecot-keywords"))))
                    foreach (var (n, keyword) in folder.Keywords.Index()) keywords.Write(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{n} {keyword}\n"));
            foreach (var file in folder.Files)
            {
                cancel.ThrowIfCancellationRequested();
                if (file.Find() is not { } path) continue;
                if (mbox is not null) MboxWriter.Append(mbox, path, file.Flags);
                else CopyFile(path, Path.Combine(directory, "cur", file.ExportName));
                report(folder.Name.Value, ++done, total);
            }
        }

        return done;
    }

    private static string Maildir(string directory)
    {
        foreach (var part in new[] { "cur", "new", "tmp" }) PrivateFile.CreateDirectory(Path.Combine(directory, part));
        return directory;
    }

    private static FileStream Mbox(string file)
    {
        PrivateFile.CreateDirectory(Path.GetDirectoryName(file)!);
        return PrivateFile.ReplaceStream(file);
    }

    private static void CopyFile(string from, string to)
    {
        using var message = SafeFileReader.Open(from);
        PrivateFile.Copy(message, to);
    }
}
