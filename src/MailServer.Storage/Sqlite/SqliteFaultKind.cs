namespace MailServer.Storage.Sqlite;

/// <summary>What an error of a database says about its file.</summary>
public enum SqliteFaultKind
{
    /// <summary>Nothing: an interrupted statement, or a fault of the program.</summary>
    Other,

    /// <summary>The content of the file is damaged, or it is no database.</summary>
    Damage,

    /// <summary>The disk is full. The file is intact.</summary>
    DiskFull,

    /// <summary>The file cannot be opened or written: permissions, a read-only file system, a missing folder. The file is intact.</summary>
    NotAccessible,

    /// <summary>The disk reports errors. The file may be intact.</summary>
    Device,

    /// <summary>Another process uses the file.</summary>
    Busy,

    /// <summary>The process has too little memory.</summary>
    Memory,
}
