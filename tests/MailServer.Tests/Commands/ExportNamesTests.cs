using System.Text;
using MailServer.Exporting;
using MailServer.Domain.Mailboxes;

namespace MailServer.Tests.Commands;

/// <summary>Each folder of an export has a place of its own.</summary>
public sealed class ExportNamesTests
{
    private static readonly string[] Folders =
    [
        "INBOX", "2025.Q1", "2025_Q1", "2025/Q1", "A", "A.mbox", "A.mbox/B", "A.mbox~", "A.mbox~/B", "A/B", "A~2", "a", "%41", "-rf",
        new string('x', 200), new string('x', 200) + "y", new string('ж', 120), new string('ж', 120) + "/" + new string('ж', 120), string.Join('/', Enumerable.Repeat(new string('ж', 60), 8)),
        string.Join('/', Enumerable.Repeat(new string('ж', 60), 8)) + 'ж', string.Concat(Enumerable.Repeat("😀", 60)),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_folder_has_a_name_of_its_own_that_a_file_system_takes(bool isMbox)
    {
        var names = new ExportNames(isMbox);
        var places = Folders.Select(f => names.Of(FolderName.Parse(f))).ToArray();
        Assert.Equal(places.Length, places.Distinct(StringComparer.Ordinal).Count());
        Assert.All(places.SelectMany(static p => p.Split('/')), static part => Assert.InRange(Encoding.UTF8.GetByteCount(part), 0, 255));
        // No file where another folder needs a directory.
        if (isMbox) Assert.DoesNotContain(places, place => places.Any(other => other.StartsWith(place + "/", StringComparison.Ordinal)));
        else Assert.DoesNotContain(places, static place => place.Contains('/', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "Work/2026", "Work/2026.mbox")]
    [InlineData(true, "INBOX", "INBOX.mbox")]
    [InlineData(false, "Work/2026", ".Work.2026")]
    [InlineData(false, "v1.2/x", ".v1_2.x")]
    [InlineData(false, "Gelöscht", ".Gel&APY-scht")]
    [InlineData(false, "INBOX", "")]
    public void Ordinary_folders_are_called_as_other_programs_expect(bool isMbox, string folder, string expected)
    {
        var (names, name) = (new ExportNames(isMbox), FolderName.Parse(folder));
        Assert.Equal(expected, names.Of(name));
        Assert.False(names.IsChanged(name, expected));
    }
}
