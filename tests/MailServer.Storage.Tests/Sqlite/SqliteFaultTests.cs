using MailServer.Domain.Accounts;
using MailServer.Storage.Health;
using MailServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Tests.Sqlite;

/// <summary>Every result code of SQLite: only those that say so are damage, for which files are set aside and snapshots put in their place.</summary>
public sealed class SqliteFaultTests
{
    private const int Primaries = 26;
    private const int InputOutput = 10;

    /// <summary>The codes of the primary results, https://sqlite.org/rescode.html.</summary>
    public static TheoryData<int, SqliteFaultKind> Primary => new()
    {
        { 1, SqliteFaultKind.Other },
        { 2, SqliteFaultKind.Other },
        { 3, SqliteFaultKind.NotAccessible },
        { 4, SqliteFaultKind.Other },
        { 5, SqliteFaultKind.Busy },
        { 6, SqliteFaultKind.Busy },
        { 7, SqliteFaultKind.Memory },
        { 8, SqliteFaultKind.NotAccessible },
        { 9, SqliteFaultKind.Other },
        { 10, SqliteFaultKind.Device },
        { 11, SqliteFaultKind.Damage },
        { 12, SqliteFaultKind.Other },
        { 13, SqliteFaultKind.DiskFull },
        { 14, SqliteFaultKind.NotAccessible },
        { 15, SqliteFaultKind.Busy },
        { 16, SqliteFaultKind.Other },
        { 17, SqliteFaultKind.Other },
        { 18, SqliteFaultKind.Other },
        { 19, SqliteFaultKind.Other },
        { 20, SqliteFaultKind.Other },
        { 21, SqliteFaultKind.Other },
        { 22, SqliteFaultKind.NotAccessible },
        { 23, SqliteFaultKind.NotAccessible },
        { 24, SqliteFaultKind.Other },
        { 25, SqliteFaultKind.Other },
        { 26, SqliteFaultKind.Damage },
    };

    /// <summary>The extended codes of SQLITE_IOERR.</summary>
    public static TheoryData<int, string, SqliteFaultKind> OfDevice => new()
    {
        { 266, "READ", SqliteFaultKind.Device },
        { 522, "SHORT_READ", SqliteFaultKind.Damage },
        { 778, "WRITE", SqliteFaultKind.DiskFull },
        { 1034, "FSYNC", SqliteFaultKind.Device },
        { 1290, "DIR_FSYNC", SqliteFaultKind.Device },
        { 1546, "TRUNCATE", SqliteFaultKind.Device },
        { 1802, "FSTAT", SqliteFaultKind.Device },
        { 2058, "UNLOCK", SqliteFaultKind.Device },
        { 2314, "RDLOCK", SqliteFaultKind.Device },
        { 2570, "DELETE", SqliteFaultKind.Device },
        { 2826, "BLOCKED", SqliteFaultKind.Busy },
        { 3082, "NOMEM", SqliteFaultKind.Memory },
        { 3338, "ACCESS", SqliteFaultKind.NotAccessible },
        { 3594, "CHECKRESERVEDLOCK", SqliteFaultKind.Busy },
        { 3850, "LOCK", SqliteFaultKind.Busy },
        { 4106, "CLOSE", SqliteFaultKind.Device },
        { 4362, "DIR_CLOSE", SqliteFaultKind.Device },
        { 4618, "SHMOPEN", SqliteFaultKind.NotAccessible },
        { 4874, "SHMSIZE", SqliteFaultKind.DiskFull },
        { 5130, "SHMLOCK", SqliteFaultKind.Busy },
        { 5386, "SHMMAP", SqliteFaultKind.DiskFull },
        { 5642, "SEEK", SqliteFaultKind.Device },
        { 5898, "DELETE_NOENT", SqliteFaultKind.Device },
        { 6154, "MMAP", SqliteFaultKind.Device },
        { 6410, "GETTEMPPATH", SqliteFaultKind.NotAccessible },
        { 6666, "CONVPATH", SqliteFaultKind.NotAccessible },
        { 6922, "VNODE", SqliteFaultKind.Device },
        { 7178, "AUTH", SqliteFaultKind.NotAccessible },
        { 7434, "BEGIN_ATOMIC", SqliteFaultKind.Device },
        { 7690, "COMMIT_ATOMIC", SqliteFaultKind.Device },
        { 7946, "ROLLBACK_ATOMIC", SqliteFaultKind.Device },
        { 8202, "DATA", SqliteFaultKind.Damage },
        { 8458, "CORRUPTFS", SqliteFaultKind.Device },
        { 8714, "IN_PAGE", SqliteFaultKind.Device },
    };

    [Theory]
    [MemberData(nameof(Primary))]
    public void A_primary_code_has_its_kind_and_so_have_its_extended_codes(int code, SqliteFaultKind kind)
    {
        Assert.Equal(kind, SqliteFault.Of(code));
        Assert.Equal(kind, SqliteFault.OfPrimary[code]);
        if (code == InputOutput) return;
        for (var number = 1; number < 64; number++) Assert.Equal(kind, SqliteFault.Of(SqliteFault.Extended(code, number)));
    }

    [Theory]
    [MemberData(nameof(OfDevice))]
    public void An_error_of_input_or_output_has_the_kind_of_its_cause(int code, string name, SqliteFaultKind kind) => Assert.True(SqliteFault.Of(code) == kind, name);

    [Fact]
    public void Every_code_is_in_a_table_and_nothing_else_is()
    {
        Assert.Equal(Enumerable.Range(1, Primaries), SqliteFault.OfPrimary.Keys.Order());
        Assert.All(SqliteFault.OfExtended.Keys, static code => Assert.Contains(OfDevice, row => code == (int)((object[])row)[0]));
    }

    [Fact]
    public void The_exceptions_of_both_drivers_are_classified_alike_and_each_kind_has_its_remedy()
    {
        var codes = Primary.Select(static row => (int)((object[])row)[0]).Concat(OfDevice.Select(static row => (int)((object[])row)[0])).ToArray();
        foreach (var code in codes)
        {
            var own = StoreFailure.Classify(new SqliteNativeException(code, "x"));
            var other = StoreFailure.Classify(new SqliteException("x", code & 0xFF, code));
            var wrapped = StoreFailure.Classify(new DirectoryException(DirectoryRefusal.DatabaseUnusable, "mail.db", new SqliteException("x", code & 0xFF, code)));
            Assert.Equal(own!.Value.Kind, other!.Value.Kind);
            Assert.Equal(own.Value.Kind, wrapped!.Value.Kind);
            Assert.Equal(own.Value.IsDamage, own.Value.Remedy.Contains("check --repair", StringComparison.Ordinal));
            Assert.Equal(own.Value.IsDamage, new SqliteNativeException(code, "x").IsCorrupt);
        }

        var remedies = Enum.GetValues<SqliteFaultKind>().Select(static kind => new StoreFailure("x", kind).Remedy).ToArray();
        Assert.Equal(remedies.Length, remedies.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData(28, SqliteFaultKind.DiskFull)]
    [InlineData(122, SqliteFaultKind.DiskFull)]
    [InlineData(30, SqliteFaultKind.NotAccessible)]
    [InlineData(5, SqliteFaultKind.Device)]
    [InlineData(24, SqliteFaultKind.Other)]
    public void Errors_of_the_file_system_are_no_damage(int error, SqliteFaultKind kind) => Assert.Equal(kind, StoreFailure.Classify(new IOException("x", error))!.Value.Kind);

    [Fact]
    public void A_missing_table_is_damage()
    {
        Assert.Equal(SqliteFaultKind.Damage, SqliteFault.Of(1, "no such table: users"));
        Assert.Equal(SqliteFaultKind.Other, SqliteFault.Of(1, "near \"x\": syntax error"));
    }

    [Fact]
    public void An_intact_database_that_cannot_be_read_now_is_not_replaced()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("fault-").FullName;
        var path = Path.Combine(folder, "mail.db");
        using (var database = SqliteDatabase.Open(path)) database.Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
        // A directory in place of the log: SQLite cannot open it.
        System.IO.Directory.CreateDirectory(path + "-wal");
        var found = DatabaseCheck.Find(path, isNeeded: true);
        System.IO.Directory.Delete(folder, recursive: true);
        Assert.False(found is null or { IsDamage: true }, found?.ToString());
    }
}
