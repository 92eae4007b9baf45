using System.Collections.Frozen;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Filtering;

/// <summary>Runs scripts on messages that are stored already, to show what they would do. Marks of earlier runs are seen, and none is left.</summary>
internal sealed class StoredMailRun(MailboxStore store, ServerScripts server, ScriptLibrary library, string hostname, Limits limits, TimeProvider time)
{
    private const int LongestText = 200;

    private static readonly FolderName Junk = FolderName.Parse("Junk");

    /// <exception cref="IOException">The disk failed.</exception>
    public MailboxReply Perform(MailboxRequest.RunScript run)
    {
        if (run.Name is { } name && library.Find(name) is null) return new MailboxReply.Refused(MailboxRefusal.NoSuchScript);
        if (FolderOf(run.Folder) is not { } folder) return new MailboxReply.Refused(MailboxRefusal.NoSuchFolder);
        var scripts = ScriptsOf(run);
        var fetched = store.Fetch(new MailboxRequest.Fetch(run.Folder, run.Uids[..Math.Min(run.Uids.Length, limits.FetchPage)], FetchItems.InternalDate | FetchItems.Content, MarkSeen: false));
        if (fetched.Refusal is { } refusal) return new MailboxReply.Refused(refusal);
        var rows = fetched.Value.Rows;
        try
        {
            return new MailboxReply.ScriptRan([.. rows.Select(row => VerdictOn(row, scripts, folder, run.Recipient))]);
        }
        finally
        {
            foreach (var row in rows) row.Content?.Dispose();
        }
    }

    private IReadOnlyList<CompiledScript> ScriptsOf(MailboxRequest.RunScript run)
    {
        if (run.Name is { } name) return [library.Find(name)!];
        return run.Text.IsEmpty ? library.ForDelivery() : [server.Cache.Compile("rules", run.Text.Span)];
    }

    private FolderInfo? FolderOf(FolderId id)
    {
        foreach (var folder in store.Folders().All)
            if (store.Status(folder.Name) is { IsRefused: false, Value: var status } && status.Id == id) return folder;
        return null;
    }

    private ScriptVerdict VerdictOn(MessageRow row, IReadOnlyList<CompiledScript> scripts, FolderInfo folder, string recipient)
    {
        var content = row.Content!;
        var message = new SieveMessage(content, limits);
        var context = new ScriptContext
        {
            Envelope = new SieveEnvelope(ReturnPathField.SenderOf(content)?.ToString() ?? "", recipient),
            // Mail in Junk was taken for junk when it arrived, or is by now.
            Folder = folder.Role == FolderRole.Junk || folder.Name == Junk ? Junk : FolderName.Inbox,
            OwnAddresses = [recipient],
            Contacts = FrozenSet<string>.Empty,
            Now = time.GetLocalNow(),
            Hostname = hostname,
        };
        var targets = new ScriptTargets(store, limits, time);
        var decision = new ScriptEvaluator(server).Run(scripts, message, new ScriptFacts(context, store, targets, library), canReject: true);
        return new ScriptVerdict(
            row.Uid, Shorten(message.TextOf("From")), Shorten(message.TextOf("Subject")), row.InternalDate, [.. decision.Copies.Select(c => PlacementOf(c, folder.Name, targets))],
            [.. decision.Mails.Select(ScriptActionText.Of)], decision.Rejection is not null, decision.Error);
    }

    private static ScriptPlacement PlacementOf(ScriptCopy copy, FolderName here, ScriptTargets targets)
    {
        if (copy.Target is not { } target) return new ScriptPlacement(null, Creates: false, copy.Flags);
        var found = targets.Existing(target);
        return found == here ? new ScriptPlacement(null, Creates: false, copy.Flags) : new ScriptPlacement(found?.Value ?? target.Mailbox, target.Creates, copy.Flags);
    }

    private static string Shorten(string text)
    {
        var line = string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
        return line.Length <= LongestText ? line : line[..LongestText] + "…";
    }
}
