using System.Globalization;

namespace MailServer.Storage.Maildir;

/// <summary>The persistent state of a mailbox in <c>mailbox.state</c>: the last folder id and the last UIDVALIDITY assigned.</summary>
internal sealed record MailboxState(long LastFolderId, uint LastUidValidity)
{
    public const string FileName = "mailbox.state";

    public void Save(string directory, bool sync) => StateFile.ReplaceChecked(
        Path.Combine(directory, FileName),
        "mailserver-mailbox 1",
        [
            string.Create(CultureInfo.InvariantCulture, $"folder {LastFolderId}"),
            string.Create(CultureInfo.InvariantCulture, $"uidvalidity {LastUidValidity}"),
        ],
        sync);

    /// <summary>Reads the state; null for a mailbox that was never opened. From a file that cannot be used the numbers are 0: folders know theirs, and UIDVALIDITY is at least the time.</summary>
    public static MailboxState? Load(string directory)
    {
        if (StateFile.TryReadLines(Path.Combine(directory, FileName)) is not { } found) return null;
        var lines = StateFile.Verify(found);
        return new MailboxState(Number(lines, "folder "), (uint)Number(lines, "uidvalidity "));
    }

    private static long Number(string[] lines, string key) =>
        lines.FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal)) is { } line
        && long.TryParse(line.AsSpan(key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
