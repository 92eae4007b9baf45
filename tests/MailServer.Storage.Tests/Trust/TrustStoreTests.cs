using MailServer.Storage.Trust;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Storage.Tests.Trust;

public sealed class TrustStoreTests : IDisposable
{
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("trust-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "trust.db");

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Entries_survive_reopening()
    {
        using (var store = TrustStore.Open(Path, TimeProvider.System))
        {
            store.SaveTriplet("key", new GreylistEntry(1, 2, 3));
            store.SaveContact("own", "other");
            store.AddSent(7, recipients: 3, newRecipients: 1);
            store.AddSent(7, recipients: 2, newRecipients: 0);
        }

        using var again = TrustStore.Open(Path, TimeProvider.System);
        Assert.Equal(new GreylistEntry(1, 2, 3), again.FindTriplet("key"));
        Assert.True(again.IsContact("own", "other"));
        Assert.False(again.IsContact("other", "own"));
        Assert.Equal(new SentMailCounts(2, 5, 1), again.Sent(7, 24));
        Assert.Equal(new SentMailCounts(0, 0, 0), again.Sent(8, 24));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void A_damaged_file_is_set_aside_and_mail_continues()
    {
        File.WriteAllText(Path, new string('x', 10_000));
        using var store = TrustStore.Open(Path, TimeProvider.System);
        store.SaveContact("own", "other");
        Assert.True(store.IsContact("own", "other"));
        Assert.Single(System.IO.Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!, "*.db.damaged-*"));
    }

    [Fact]
    public void Entries_of_a_clock_that_was_ahead_are_removed_and_contacts_stay()
    {
        var later = TimeProvider.System.GetUtcNow().AddYears(10).ToUnixTimeSeconds();
        using (var store = TrustStore.Open(Path, new FakeTimeProvider(DateTimeOffset.UtcNow.AddYears(10))))
        {
            store.SaveTriplet("key", new GreylistEntry(later, later, 1));
            store.SaveContact("own", "other");
            store.AddSent(7, recipients: 3, newRecipients: 1);
            Assert.Equal(new SentMailCounts(1, 3, 1), store.Sent(7, 24));
        }

        using var again = TrustStore.Open(Path, TimeProvider.System);
        Assert.Equal(new SentMailCounts(0, 0, 0), again.Sent(7, 24));
        again.AddSent(8, recipients: 1, newRecipients: 1);
        Assert.Null(again.FindTriplet("key"));
        Assert.True(again.IsContact("own", "other"));
    }

    [Fact]
    public void Old_entries_are_removed()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        using (var store = TrustStore.Open(Path, TimeProvider.System))
        {
            store.SaveTriplet("unused", new GreylistEntry(now - (3 * 86400), now - (3 * 86400), 0));
            store.SaveTriplet("used", new GreylistEntry(now - (3 * 86400), now - (3 * 86400), 1));
            store.SaveTriplet("old", new GreylistEntry(now - (60 * 86400), now - (60 * 86400), 9));
        }

        using var again = TrustStore.Open(Path, TimeProvider.System);
        again.SaveContact("own", "other");
        Assert.Null(again.FindTriplet("unused"));
        Assert.NotNull(again.FindTriplet("used"));
        Assert.Null(again.FindTriplet("old"));
        Assert.Equal(1, again.CountTriplets());
    }
}
