namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>What happens to a database file.</summary>
public enum DatabaseDamage
{
    Head,
    Middle,
    Half,
    Empty,
    Gone,
    ReadOnly,
    FullDisk,
}
