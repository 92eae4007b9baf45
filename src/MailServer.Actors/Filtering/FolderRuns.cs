using MailServer.Domain.Accounts;
using MailServer.Domain.Formatting;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Filtering;

/// <summary>
/// Tries scripts on the mail of a folder, and applies them to it. The mailbox evaluates a page of messages at a time, so that others are served in between; what is to be done is done with the same
/// requests that mail clients use.
/// </summary>
/// <param name="ask">Sends a request to the mailbox of an account.</param>
/// <param name="note">Records a change: kind, account, detail.</param>
public sealed class FolderRuns(Func<AccountId, MailboxRequest, CancellationToken, Task<MailboxReply>> ask, Action<string, string, string> note)
{
    /// <summary>Maximum number of messages of one run: the newest ones.</summary>
    public const int Most = 20_000;

    private const int Page = 100;

    /// <summary>Runs a script on a folder.</summary>
    /// <exception cref="ScriptRefusedException">There is no such folder or script, or the mailbox does not answer.</exception>
    public async Task<FolderRunReport> RunAsync(Account account, FolderRun run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(run);
        var folder = ((MailboxReply.Status)await AskAsync(account, new MailboxRequest.GetStatus(run.Folder), cancel)).Folder.Id;
        SearchCriteria wanted = run.Days is { } days ? new SearchCriteria.Age(null, days * 86_400L) : new SearchCriteria.All();
        var found = (MailboxReply.SearchResult)await AskAsync(account, new MailboxRequest.Search(folder, wanted), cancel);
        var uids = found.Uids.Select(static u => u.Value).Order().TakeLast(Most).ToArray();
        var report = new FolderRunReport();
        if (found.Uids.Count > Most) report.AddFault($"only the newest {Quantity.Of(Most, "message")} were examined");
        // Newest first, so that the report begins with what people remember.
        for (var end = uids.Length; end > 0; end -= Page)
        {
            var page = uids[Math.Max(0, end - Page)..end];
            var ran = (MailboxReply.ScriptRan)await AskAsync(account, new MailboxRequest.RunScript(folder, page, run.Script, run.Text, account.Address.ToString()), cancel);
            report.Examined += ran.Verdicts.Count;
            var matched = ran.Verdicts.Where(static v => !v.IsUnconcerned).Reverse().ToList();
            foreach (var verdict in matched) report.Add(new FolderRunMessage(verdict.Uid.Value, verdict.From, verdict.Subject, verdict.ReceivedAt, Words(verdict)));
            if (run.Applies) await ApplyAsync(account, folder, matched, report, cancel);
        }

        if (run.Applies) note("rules.applied", account.Address.ToString(), $"{run.Folder}: {report.Moved} moved, {report.Copied} copied, {report.Marked} marked, {report.Deleted} deleted");
        return report;
    }

    private async Task ApplyAsync(Account account, FolderId folder, List<ScriptVerdict> verdicts, FolderRunReport report, CancellationToken cancel)
    {
        foreach (var same in verdicts.GroupBy(static v => string.Join('\n', Words(v)), StringComparer.Ordinal))
        {
            var uids = same.Select(static v => v.Uid.Value).Order().ToArray();
            try
            {
                await ApplyAsync(account, folder, same.First(), uids, report, cancel);
            }
            catch (ScriptRefusedException e) when (!e.IsUnavailable)
            {
                report.Left += uids.Length;
                report.AddFault(e.Message);
            }
        }
    }

    private async Task ApplyAsync(Account account, FolderId folder, ScriptVerdict verdict, uint[] uids, FolderRunReport report, CancellationToken cancel)
    {
        if (verdict.Error is { } error)
        {
            report.Left += uids.Length;
            report.AddFault(error);
            return;
        }

        if (verdict.IsRefused || verdict.Mails.Count > 0) report.Left += uids.Length;
        // Refused or only sent on: not deleted, because neither is done with stored mail.
        if (verdict.Copies.Count == 0 && (verdict.IsRefused || verdict.Mails.Count > 0)) return;
        if (verdict.Copies.Count == 0)
        {
            await AskAsync(account, new MailboxRequest.Store(folder, uids, FlagOperation.Add, new MessageFlags(SystemFlags.Deleted)), cancel);
            await AskAsync(account, new MailboxRequest.Expunge(folder, UidSet.OfUids(uids)), cancel);
            report.Deleted += uids.Length;
            return;
        }

        var targets = new List<FolderName>();
        foreach (var copy in verdict.Copies)
            if (copy.Folder is not null) targets.Add(await FolderAsync(account, copy, cancel));
        // Flags are those of the message before it is copied; scripts that want others for each copy are rare.
        var flags = ScriptFlags.Of(verdict.Copies.SelectMany(static c => c.Flags));
        if (flags != MessageFlags.None)
        {
            await AskAsync(account, new MailboxRequest.Store(folder, uids, FlagOperation.Add, flags), cancel);
            report.Marked += uids.Length;
        }

        var stays = verdict.Copies.Any(static c => c.Folder is null);
        foreach (var (index, target) in targets.Index())
        {
            var moves = !stays && index == targets.Count - 1;
            await AskAsync(account, new MailboxRequest.Copy(folder, uids, target, moves), cancel);
            if (moves) report.Moved += uids.Length;
            else report.Copied += uids.Length;
        }
    }

    private async Task<FolderName> FolderAsync(Account account, ScriptPlacement copy, CancellationToken cancel)
    {
        if (!FolderName.TryParse(copy.Folder, out var name)) throw new ScriptRefusedException($"'{copy.Folder}' cannot be the name of a folder");
        if (await ask(account.Id, new MailboxRequest.GetStatus(name), cancel) is MailboxReply.Status) return name;
        if (!copy.Creates) throw new ScriptRefusedException($"there is no folder '{name}'; its messages stay where they are");
        await AskAsync(account, new MailboxRequest.CreateFolder(name), cancel);
        await AskAsync(account, new MailboxRequest.Subscribe(name, Subscribed: true), cancel);
        return name;
    }

    private static List<string> Words(ScriptVerdict verdict)
    {
        var words = new List<string>();
        if (verdict.Error is { } error) words.Add($"nothing, because of an error: {error}");
        if (verdict.IsRefused) words.Add("refuse");
        foreach (var copy in verdict.Copies)
        {
            var flags = copy.Flags.Count == 0 ? "" : " and mark with " + string.Join(' ', copy.Flags);
            if (copy.Folder is { } folder) words.Add($"{(verdict.Copies.Any(static c => c.Folder is null) ? "copy" : "move")} to {folder}{flags}");
            else if (verdict.Copies.Count == 1 || flags.Length > 0) words.Add($"leave here{flags}");
        }

        words.AddRange(verdict.Mails);
        if (words.Count == 0) words.Add("delete");
        return words;
    }

    private async Task<MailboxReply> AskAsync(Account account, MailboxRequest request, CancellationToken cancel)
    {
        var reply = await ask(account.Id, request, cancel);
        return reply switch
        {
            MailboxReply.Refused refused => throw new ScriptRefusedException(TextOf(refused.Reason))
            {
                IsMissing = refused.Reason is MailboxRefusal.NoSuchScript or MailboxRefusal.NoSuchFolder,
                IsUnavailable = refused.Reason == MailboxRefusal.Unavailable,
            },
            MailboxReply.ContentUnreadable => throw new ScriptRefusedException("the files of some messages cannot be read; see 'mailserver check'"),
            _ => reply,
        };
    }

    private static string TextOf(MailboxRefusal refusal) => refusal switch
    {
        MailboxRefusal.NoSuchFolder => "there is no folder of this name",
        MailboxRefusal.NoSuchScript => "there is no script of this name; see 'mailserver sieve list'",
        MailboxRefusal.OverQuota => "the mailbox is full",
        MailboxRefusal.Unavailable => "the mailbox cannot be opened now; try again later",
        _ => $"the mailbox refused a change ({refusal})",
    };
}
