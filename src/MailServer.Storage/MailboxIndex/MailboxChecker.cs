using MailServer.Domain.Formatting;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Scripts;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Compares the index of a mailbox with its files and lists the differences. The files are authoritative: a repair corrects the index.</summary>
internal sealed class MailboxChecker(MailboxContext context)
{
    private const int MaxProblems = 1_000;

    private readonly List<string> _problems = [];

    public MailboxReply.CheckResult Run(bool repair)
    {
        var messages = 0L;
        foreach (var folder in context.Folders.OrderBy(f => f.Name.Value, StringComparer.Ordinal))
        {
            messages += context.Load(folder).Count;
            var before = _problems.Count;
            Compare(folder);
            if (!repair || _problems.Count == before) continue;
            folder.MustReconcile = true;
            new FolderScanner(context).Reconcile(folder);
            MeasureAgain(folder);
        }

        foreach (var fault in new ScriptFolder(context.Options.Directory, context.Options.Limits).FindFaults()) Say(fault);
        foreach (var problem in context.Problems) Say(problem);
        return new MailboxReply.CheckResult(messages, _problems);
    }

    private void Compare(Folder folder)
    {
        if (FolderState.Load(folder.Directory.Path) is not { } state) Say($"{folder.Name}: {FolderState.FileName} is missing or unreadable");
        else if (state.UidNext < folder.Row.UidNext) Say($"{folder.Name}: {FolderState.FileName} would allow UIDs to be reused");
        var files = new Dictionary<(uint Uid, string Base), string>();
        foreach (var name in FolderDirectory.List(folder.Directory.Current))
        {
            var parsed = MessageFileName.Parse(name);
            if (parsed.Uid is { } uid) files[(uid, parsed.Base)] = name;
            else Say($"{folder.Name}: {name} has not been imported yet");
        }

        var messages = context.Load(folder);
        var bases = context.Index.Messages.BasesOf(folder.Id, messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            var uid = messages.Uids[i];
            if (!files.Remove((uid, bases[i]), out var name)) Say($"{folder.Name}: UID {uid} has no file");
            else if (new FileInfo(folder.Directory.PathOf(name)) is var file && file.Length != messages[i].Size)
                Say($"{folder.Name}: UID {uid} has {Quantity.Of(file.Length, "octet")}, but the index records {messages[i].Size}");
        }

        foreach (var (left, name) in files) Say($"{folder.Name}: {name} is not in the index (UID {left.Uid})");
    }

    /// <summary>Imports a file that another tool changed in place as a new message: the old message is expunged and the file gets a new UID.</summary>
    private void MeasureAgain(Folder folder)
    {
        var messages = context.Load(folder);
        for (var i = 0; i < messages.Count; i++)
        {
            if (context.Index.Messages.BaseOf(folder.Id, messages.Uids[i]) is not { } baseName) continue;
            var name = folder.FileName(baseName, messages.Uids[i], messages[i]);
            var file = new FileInfo(folder.Directory.PathOf(name));
            if (!file.Exists || file.Length == messages[i].Size) continue;
            Posix.TryRename(file.FullName, Path.Combine(folder.Directory.New, $"{baseName}.changed{messages.Uids[i]}"));
        }

        new FolderScanner(context).Reconcile(folder);
    }

    private void Say(string problem)
    {
        if (_problems.Count < MaxProblems) _problems.Add(problem);
    }
}
