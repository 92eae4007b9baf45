using MailServer.Domain.Mailboxes;
using MailServer.Storage.Directory;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Scripts;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// Links a whole mailbox into another directory of the same file system, for a backup. The owner does this in one step,
/// so that a message that is moved at the same time appears exactly once. Linking takes microseconds per file; the files
/// are copied later, elsewhere. The index is not included: file names and state files contain everything that matters.
/// </summary>
internal sealed class MailboxLinker(MailboxContext context)
{
    public MailboxCopy Link(string directory, IReadOnlySet<string> known)
    {
        var root = context.Options.Directory;
        Posix.CreatePrivateDirectory(directory);
        foreach (var file in new[] { MailboxState.FileName, "subscriptions", FolderOwner.FileName, AnnotationFile.FileName }) CopySmall(Path.Combine(root, file), Path.Combine(directory, file));
        var scripts = new ScriptFolder(root, context.Options.Limits);
        scripts.CopyTo(directory, file => context.Report($"{file} cannot be read: it is not in the backup"));
        var files = new List<CopiedMessage>();
        foreach (var folder in context.Folders)
        {
            var relative = Path.GetRelativePath(root, folder.Directory.Path);
            var target = new FolderDirectory(Path.Combine(directory, relative), sync: false);
            target.Create();
            foreach (var file in FolderDirectory.Files) CopySmall(Path.Combine(folder.Directory.Path, file), Path.Combine(target.Path, file));
            LinkAll(folder.Directory.Current, target.Current, $"{relative}/cur", known, files);
            LinkAll(folder.Directory.New, target.New, $"{relative}/new", known, files);
        }

        return new MailboxCopy(files) { Warnings = scripts.FindFaults() };
    }

    private static void LinkAll(string source, string target, string relative, IReadOnlySet<string> known, List<CopiedMessage> files)
    {
        foreach (var name in FolderDirectory.List(source))
        {
            // Links and FIFOs are not messages, whatever their names are.
            if (FileStat.Find($"{source}/{name}") is not { Kind: FileKind.Regular } facts) continue;
            var key = MessageFileName.KeyOf(name);
            // The previous backup lacks this content if another tool modified the file in place.
            var isKnown = key is not null && known.Contains(key) && MessageFileName.SizeIn(key) == facts.Size;
            if (!isKnown) Posix.LinkOrCopy($"{source}/{name}", $"{target}/{name}");
            files.Add(new CopiedMessage($"{relative}/{name}", key, !isKnown));
        }
    }

    private static void CopySmall(string source, string target)
    {
        if (FileStat.Find(source) is not { Kind: FileKind.Regular }) return;
        Posix.TryUnlink(target);
        using var handle = SafeFileReader.Open(source);
        PrivateFile.Copy(handle, target);
    }
}
