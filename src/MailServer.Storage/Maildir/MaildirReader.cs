using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Maildir;

/// <summary>The message files of an account, read directly from the directories without involving the owner of the mailbox.</summary>
public sealed class MaildirReader
{
    public MaildirReader(string mailbox)
    {
        var folders = new List<MaildirFolder>();
        Walk(mailbox, null, folders);
        Folders = [.. folders.OrderBy(static f => f.Name.Value, StringComparer.Ordinal)];
    }

    public IReadOnlyList<MaildirFolder> Folders { get; }

    private static void Walk(string path, string? parent, List<MaildirFolder> folders)
    {
        if (!System.IO.Directory.Exists(path)) return;
        foreach (var child in SafeFileReader.Directories(path))
        {
            var file = Path.GetFileName(child);
            if (file is "cur" or "new" or "tmp" || FolderPathEncoding.Unescape(file) is not { } level) continue;
            var full = parent is null ? level : $"{parent}/{level}";
            if (!FolderName.TryParse(full, out var name)) continue;
            Walk(child, full, folders);
            if (!FolderDirectory.IsFolder(child) || FolderDirectory.FindObstacle(child) is not null || FolderState.Load(child) is { IsRemoved: true }) continue;
            var keywords = FolderState.Load(child)?.Keywords ?? [];
            var directory = new FolderDirectory(child, sync: false);
            var files = FolderDirectory.List(directory.Current).Select(f => new MaildirMessage(directory.Current, f, keywords))
                .Concat(FolderDirectory.List(directory.New).Select(f => new MaildirMessage(directory.New, f, keywords)));
            folders.Add(new MaildirFolder(name, keywords, [.. files.OrderBy(static f => f.Name, StringComparer.Ordinal)]));
        }
    }
}

/// <summary>A folder and its files.</summary>
/// <param name="Name">The folder.</param>
/// <param name="Keywords">The keywords represented by the letters from <c>a</c> on in file names.</param>
/// <param name="Files">The files sorted by name.</param>
public sealed record MaildirFolder(FolderName Name, IReadOnlyList<string> Keywords, IReadOnlyList<MaildirMessage> Files);

/// <summary>A message file.</summary>
public sealed class MaildirMessage
{
    private readonly string _directory;
    private readonly MessageFileName _parsed;

    internal MaildirMessage(string directory, string name, System.Collections.Immutable.ImmutableArray<string> keywords)
    {
        (_directory, Name, _parsed) = (directory, name, MessageFileName.Parse(name));
        Flags = FlagLetters.Parse(_parsed.InfoFlags, keywords, ours: _parsed.Uid is not null);
    }

    public string Name { get; }

    /// <summary>The part of the name that never changes and is the same for all copies of the message.</summary>
    public string BaseName => _parsed.Base;

    public MessageFlags Flags { get; }

    /// <summary>A file name for a Maildir of another server, without this server's UID.</summary>
    public string ExportName => string.Create(CultureInfo.InvariantCulture, $"{_parsed.Base}{(_parsed.Uid is { } uid ? $".{uid}" : "")}:2,{_parsed.InfoFlags}");

    /// <summary>Returns the current path, even if the file was renamed because its flags changed; null if it does not exist.</summary>
    public string? Find()
    {
        var path = Path.Combine(_directory, Name);
        if (File.Exists(path)) return path;
        return FolderDirectory.List(_directory).Find(f => MessageFileName.Parse(f) is var found && found.Base == _parsed.Base && found.Uid == _parsed.Uid) is { } renamed
            ? Path.Combine(_directory, renamed)
            : null;
    }
}
