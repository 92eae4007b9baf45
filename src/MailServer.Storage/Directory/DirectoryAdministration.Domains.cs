using System.Data.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Storage.Directory;

// The settings of domains. The catch-all is an alias: what the pages of a domain and of its alias show is the same row.
internal sealed partial class DirectoryAdministration
{
    private const string CatchAllRows =
        "SELECT address, target, aliases.enabled, aliases.comment FROM aliases JOIN domains ON domains.id = domain_id WHERE address_key = '@' || name ORDER BY aliases.id";

    public ValueTask<IReadOnlyList<DomainEntry>> ListDomainsAsync(CancellationToken cancel) => ReadAsync(static connection =>
    {
        var catchAlls = Group(connection.ReadAll(CatchAllRows, AliasRow)).ToDictionary(static a => a.Alias.Domain, StringComparer.Ordinal);
        return connection.ReadAll(
            """
            SELECT name, (SELECT count(*) FROM accounts WHERE domain_id = domains.id), (SELECT count(DISTINCT address_key) FROM aliases WHERE domain_id = domains.id), created_at, quota, enabled, mta_sts, comment,
              alias_of, (SELECT count(*) FROM lists WHERE domain_id = domains.id)
            FROM domains ORDER BY name
            """,
            row => new DomainEntry(row.GetString(0), row.GetInt32(1), row.GetInt32(2), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(3)))
            {
                Quota = row.IsDBNull(4) ? null : row.GetInt64(4),
                Enabled = row.GetInt64(5) != 0,
                MtaSts = row.IsDBNull(6) ? null : DirectoryRows.MtaSts(row.GetString(6)),
                Comment = row.GetString(7),
                AliasOf = row.IsDBNull(8) ? null : row.GetString(8),
                Lists = row.GetInt32(9),
                CatchAll = catchAlls.GetValueOrDefault(row.GetString(0)),
            });
    }, cancel);

    public ValueTask<bool> SetDomainEnabledAsync(string domain, bool enabled, CancellationToken cancel) => ChangeAsync(connection => connection.Execute(
        "UPDATE domains SET enabled = @enabled WHERE id = @id AND enabled <> @enabled", ("@enabled", enabled ? 1 : 0), ("@id", DomainId(connection, domain))) > 0);

    public ValueTask<bool> SetDomainMtaStsAsync(string domain, MtaStsMode? mode, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var id = DomainId(connection, domain);
        return mode is { } own
            ? connection.Execute("UPDATE domains SET mta_sts = @mode WHERE id = @id AND (mta_sts IS NULL OR mta_sts <> @mode)", ("@mode", MtaStsPolicy.NameOf(own)), ("@id", id)) > 0
            : connection.Execute("UPDATE domains SET mta_sts = NULL WHERE id = @id AND mta_sts IS NOT NULL", ("@id", id)) > 0;
    });

    public ValueTask<bool> SetDomainCommentAsync(string domain, string comment, CancellationToken cancel) => ChangeAsync(connection => connection.Execute(
        "UPDATE domains SET comment = @comment WHERE id = @id AND comment <> @comment", ("@comment", comment), ("@id", DomainId(connection, domain))) > 0);

    public ValueTask<bool> SetCatchAllAsync(string domain, IReadOnlyList<EmailAddress> targets, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var id = targets.Count > 0 ? OwnDomainId(connection, domain) : DomainId(connection, domain);
        var alias = AliasAddress.OfDomain(domain);
        var before = ReadAliases(connection, domain).FirstOrDefault(a => a.Alias.Key == alias.Key);
        if (before is null ? targets.Count == 0 : before.Enabled && before.Targets.SequenceEqual(targets)) return false;
        connection.Execute("DELETE FROM aliases WHERE address_key = @key", ("@key", alias.Key));
        foreach (var target in targets) InsertAlias(connection, id, alias, target, before?.Comment ?? "");
        return true;
    });

    public ValueTask<bool> SetDomainAliasOfAsync(string domain, string? other, CancellationToken cancel) => ChangeAsync(connection =>
    {
        var id = DomainId(connection, domain);
        if (other is null) return connection.Execute("UPDATE domains SET alias_of = NULL WHERE id = @id AND alias_of IS NOT NULL", ("@id", id)) > 0;
        var target = DomainId(connection, other);
        // One step and no more: there can be no circle, and the delivery needs one lookup.
        if (target == id || connection.ReadScalar("SELECT 1 FROM domains WHERE id = @id AND alias_of IS NOT NULL", ("@id", target)) != 0) throw new DirectoryException(DirectoryRefusal.DomainAliasLoop, other);
        RefuseIfNamed(connection, domain);
        foreach (var table in (string[])["accounts", "aliases", "lists"])
            if (connection.ReadScalar($"SELECT 1 FROM {table} WHERE domain_id = @id LIMIT 1", ("@id", id)) != 0) throw new DirectoryException(DirectoryRefusal.DomainHasAddresses, domain);
        return connection.Execute("UPDATE domains SET alias_of = @other WHERE id = @id AND (alias_of IS NULL OR alias_of <> @other)", ("@other", other), ("@id", id)) > 0;
    });

    /// <summary>A domain of which others are aliases stays: their mail would be refused.</summary>
    private static void RefuseIfNamed(DbConnection connection, string domain)
    {
        if (connection.ReadScalar("SELECT 1 FROM domains WHERE alias_of = @name LIMIT 1", ("@name", domain)) != 0) throw new DirectoryException(DirectoryRefusal.DomainHasNames, domain);
    }

    private static void InsertAlias(DbConnection connection, long domain, AliasAddress alias, EmailAddress target, string comment) => connection.Execute(
        """
        INSERT INTO aliases (domain_id, address, address_key, target, target_key, target_base, comment)
        VALUES (@domain, @address, @key, @target, @target_key, @target_base, @comment) ON CONFLICT DO NOTHING
        """,
        ("@domain", domain), ("@address", alias.ToString()), ("@key", alias.Key), ("@target", target.ToString()), ("@target_key", target.Key), ("@target_base", target.WithoutTag().Key), ("@comment", comment));
}
