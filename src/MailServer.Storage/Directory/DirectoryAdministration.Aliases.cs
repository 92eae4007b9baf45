using System.Data.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

// Aliases: a row for each target. The state and the comment of an alias are the same in all its rows.
internal sealed partial class DirectoryAdministration
{
    public ValueTask<IReadOnlyList<EmailAddress>> AddAliasAsync(AliasAddress alias, IReadOnlyList<EmailAddress> targets, CancellationToken cancel) => ChangeAsync<IReadOnlyList<EmailAddress>>(connection =>
    {
        var domain = OwnDomainId(connection, alias.Domain);
        if (alias.Address is { } address)
        {
            if (FindAccount(connection, address) is not null) throw new DirectoryException(DirectoryRefusal.AddressIsAccount, alias.ToString());
            if (IsList(connection, address)) throw new DirectoryException(DirectoryRefusal.AddressIsList, alias.ToString());
            CheckPattern(connection, domain, alias);
            if (targets.Any(target => LeadsBack(connection, alias, target))) throw new DirectoryException(DirectoryRefusal.AliasOfItself, alias.ToString());
        }

        var added = new List<EmailAddress>();
        foreach (var target in targets)
        {
            var rows = connection.Execute(
                """
                INSERT INTO aliases (domain_id, address, address_key, target, target_key, target_base, is_pattern, enabled, comment)
                VALUES (@domain, @address, @key, @target, @target_key, @target_base, @pattern,
                  coalesce((SELECT min(enabled) FROM aliases WHERE address_key = @key), 1), coalesce((SELECT min(comment) FROM aliases WHERE address_key = @key), '')) ON CONFLICT DO NOTHING
                """,
                ("@domain", domain), ("@address", alias.ToString()), ("@key", alias.Key),
                ("@target", target.ToString()), ("@target_key", target.Key), ("@target_base", target.WithoutTag().Key), ("@pattern", alias.IsPattern ? 1 : 0));
            if (rows > 0) added.Add(target);
        }

        if (added.Count == 0) throw new DirectoryException(DirectoryRefusal.AliasExists, alias.ToString());
        return added;
    });

    public ValueTask<IReadOnlyList<AliasEntry>> ListAliasesAsync(string? domain, CancellationToken cancel) => ReadAsync(connection => ReadAliases(connection, domain), cancel);

    public ValueTask RemoveAliasAsync(AliasAddress alias, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var removed = connection.Execute("DELETE FROM aliases WHERE address_key = @key", ("@key", alias.Key));
        if (removed == 0) throw new DirectoryException(DirectoryRefusal.AliasUnknown, alias.ToString());
    });

    public ValueTask RemoveAliasTargetAsync(AliasAddress alias, EmailAddress target, CancellationToken cancel) => ChangeAsync(connection =>
    {
        RequireAlias(connection, alias);
        if (connection.Execute("DELETE FROM aliases WHERE address_key = @key AND target_key = @target", ("@key", alias.Key), ("@target", target.Key)) == 0)
            throw new DirectoryException(DirectoryRefusal.AliasTargetUnknown, alias.ToString());
        // The exception undoes the removal.
        if (!IsAlias(connection, alias.Key)) throw new DirectoryException(DirectoryRefusal.AliasTargetIsLast, alias.ToString());
    });

    public ValueTask<bool> SetAliasEnabledAsync(AliasAddress alias, bool enabled, CancellationToken cancel) => ChangeAsync(connection =>
    {
        RequireAlias(connection, alias);
        return connection.Execute("UPDATE aliases SET enabled = @enabled WHERE address_key = @key AND enabled <> @enabled", ("@enabled", enabled ? 1 : 0), ("@key", alias.Key)) > 0;
    });

    public ValueTask<bool> SetAliasCommentAsync(AliasAddress alias, string comment, CancellationToken cancel) => ChangeAsync(connection =>
    {
        RequireAlias(connection, alias);
        return connection.Execute("UPDATE aliases SET comment = @comment WHERE address_key = @key AND comment <> @comment", ("@comment", comment), ("@key", alias.Key)) > 0;
    });

    private static void CheckPattern(DbConnection connection, long domain, AliasAddress alias)
    {
        if (!alias.IsPattern) return;
        if (!AliasPattern.IsValid(alias.Address!.Local)) throw new DirectoryException(DirectoryRefusal.AliasPatternInvalid, alias.ToString());
        var others = connection.ReadScalar("SELECT count(DISTINCT address_key) FROM aliases WHERE domain_id = @domain AND is_pattern = 1 AND address_key <> @key", ("@domain", domain), ("@key", alias.Key));
        if (others >= AliasPattern.MostOfDomain) throw new DirectoryException(DirectoryRefusal.TooManyPatterns, alias.Domain);
    }

    /// <summary>True if the target is the alias itself, also under another name of its domain, or an address that only the pattern has.</summary>
    private static bool LeadsBack(DbConnection connection, AliasAddress alias, EmailAddress target)
    {
        var domain = connection.ReadAll("SELECT alias_of FROM domains WHERE name = @name AND alias_of IS NOT NULL", static row => row.GetString(0), ("@name", target.Domain)).FirstOrDefault() ?? target.Domain;
        if (domain != alias.Domain || !EmailAddress.TryCreate(target.Local, domain, out var there)) return false;
        if (there.Equals(alias.Address)) return true;
        return alias.IsPattern && AliasPattern.Matches(alias.Address!.Local, there.Local) && FindAccount(connection, there) is null && FindAccount(connection, there.WithoutTag()) is null
            && !IsAlias(connection, there.Key) && !IsList(connection, there);
    }

    private static void RequireAlias(DbConnection connection, AliasAddress alias)
    {
        if (!IsAlias(connection, alias.Key)) throw new DirectoryException(DirectoryRefusal.AliasUnknown, alias.ToString());
    }

    private static List<AliasEntry> ReadAliases(DbConnection connection, string? domain) => [.. Group(connection.ReadAll(
            """
            SELECT address, target, aliases.enabled, aliases.comment FROM aliases JOIN domains ON domains.id = domain_id
            WHERE name = @name OR @name = '' ORDER BY name, address_key, aliases.id
            """,
            AliasRow, ("@name", domain ?? "")))];

    private static (string Alias, EmailAddress Target, bool Enabled, string Comment) AliasRow(DbDataReader row) =>
        (row.GetString(0), EmailAddress.Parse(row.GetString(1)), row.GetInt32(2) != 0, row.GetString(3));

    private static IEnumerable<AliasEntry> Group(IEnumerable<(string Alias, EmailAddress Target, bool Enabled, string Comment)> rows) => rows
        .GroupBy(static row => AliasAddress.TryParse(row.Alias, out var alias) ? alias : throw new FormatException(row.Alias))
        .Select(static rows => new AliasEntry(rows.Key, [.. rows.Select(static r => r.Target)]) { Enabled = rows.First().Enabled, Comment = rows.First().Comment });
}
