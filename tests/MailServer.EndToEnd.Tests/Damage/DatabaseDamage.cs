namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>Kinds of damage to a database file.</summary>
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
