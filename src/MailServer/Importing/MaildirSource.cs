using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;
using MailServer.Storage.SafeFiles;

namespace MailServer.Importing;

/// <summary>
/// A Maildir: with folders as <c>.Archive.2026</c> beside the INBOX (Maildir++, as Courier and Dovecot write it) or as plain directories. Keywords are
/// read from <c>dovecot-keywords</c>. Dates are the times of the files.
/// </summary>
internal sealed class MaildirSource : IMailSource
{
    private static readonly string[] s_parts = ["cur", "new"];
    private readonly List<(FolderName Name, string Directory)> _folders = [];
    private readonly List<string> _passedOver = [];
    private readonly string _root;

    /// <exception cref="DirectoryNotFoundException">There is no Maildir.</exception>
    public MaildirSource(string root)
    {
        _root = root;
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException($"there is no directory {root}");
        if (IsFolder(root)) _folders.Add((FolderName.Inbox, root));
        Walk(root, "");
        if (_folders.Count == 0) throw new DirectoryNotFoundException($"{root} is no Maildir: neither it nor a directory in it has cur/ and new/");
        _folders.Sort(static (a, b) => string.CompareOrdinal(a.Name.Value, b.Name.Value));
        Count = _folders.Sum(static f => Files(f.Directory).LongCount());
    }

    public long? Count { get; }

    public async IAsyncEnumerable<SourceMessage> ReadAsync(Action<string> complain, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var link in _passedOver) complain($"{link} is a link or a special file and is left out");
        foreach (var (name, directory) in _folders)
        {
            var keywords = Keywords(directory);
            foreach (var file in Files(directory, link => complain($"{link} is a link or a special file and is left out")).Order(StringComparer.Ordinal))
            {
                cancel.ThrowIfCancellationRequested();
                if (TryRead(file, complain) is { } read) yield return new SourceMessage(name, Flags(Path.GetFileName(file), keywords), read.Date, read.Content);
            }
        }
    }

    private (byte[] Content, DateTimeOffset Date)? TryRead(string file, Action<string> complain)
    {
        try
        {
            using var handle = ForeignFile.OpenBeneath(_root, Path.GetRelativePath(_root, file));
            var date = new DateTimeOffset(File.GetLastWriteTimeUtc(handle));
            return (ForeignFile.ReadAll(handle), date);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            complain($"{file}: {e.Message}");
            return null;
        }
    }

    private void Walk(string directory, string parent)
    {
        foreach (var child in ForeignFile.Directories(directory, _passedOver.Add).Order(StringComparer.Ordinal))
        {
            var file = Path.GetFileName(child);
            if (file is "cur" or "new" or "tmp") continue;
            // Maildir++ names hold the whole path, in modified UTF-7.
            var name = file[0] == '.' ? Decode(file[1..]).Replace('.', '/') : parent + Uri.UnescapeDataString(file);
            if (IsFolder(child) && FolderNames.Of(name) is { } folder) _folders.Add((folder, child));
            if (file[0] != '.') Walk(child, name + "/");
        }
    }

    private static string Decode(string name) => ModifiedUtf7.TryDecode(Encoding.Latin1.GetBytes(name), out var decoded) ? decoded : name;

    private static bool IsFolder(string path) => ForeignFile.IsDirectory(Path.Combine(path, "cur"));

    private static IEnumerable<string> Files(string directory, Action<string>? passedOver = null) => s_parts
        .Select(part => Path.Combine(directory, part))
        .Where(ForeignFile.IsDirectory)
        .SelectMany(part => ForeignFile.Files(part, passedOver))
        .Where(static file => Path.GetFileName(file)[0] != '.');

    /// <summary>Lines of a number and a word: the number is that of a letter.</summary>
    private static Dictionary<char, string> Keywords(string directory)
    {
        var file = Path.Combine(directory, "dovecot-keywords");
        var keywords = new Dictionary<char, string>();
        if (FileFacts.Find(file) is not { Kind: FileKind.Regular }) return keywords;
        foreach (var line in ForeignFile.ReadLines(file))
        {
            var parts = line.Split(' ', 2);
            if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < 26) keywords[(char)('a' + n)] = parts[1];
        }

        return keywords;
    }

    private static MessageFlags Flags(string file, Dictionary<char, string> keywords)
    {
        var info = file.LastIndexOf(":2,", StringComparison.Ordinal);
        var system = SystemFlags.None;
        var found = new List<string>();
        foreach (var letter in info < 0 ? "" : file[(info + 3)..])
        {
            if (keywords.TryGetValue(letter, out var keyword)) found.Add(keyword);
            system |= letter switch
            {
                'D' => SystemFlags.Draft,
                'F' => SystemFlags.Flagged,
                'R' => SystemFlags.Answered,
                'S' => SystemFlags.Seen,
                'T' => SystemFlags.Deleted,
                _ => SystemFlags.None,
            };
            if (letter == 'P') found.Add("$Forwarded");
        }

        return new MessageFlags(system, KeywordSet.Of(found));
    }
}
