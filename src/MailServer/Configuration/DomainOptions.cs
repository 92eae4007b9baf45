namespace MailServer.Configuration;

/// <summary>An item of the list <c>domains</c>.</summary>
public sealed record DomainOptions
{
    /// <summary>The normalised domain name.</summary>
    [Key("The domain.", Value = nameof(ConfigurationValues.DomainName), IsRequired = true)]
    public string Name { get; init; } = "";

    [Key("The selector of its DKIM key.", Value = nameof(ConfigurationValues.Selector))]
    public string DkimSelector { get; init; } = "mail";

    /// <summary>The configured value; <see cref="MailServerOptions.DomainOrDefault"/> fills in the default.</summary>
    [Key(
        "Its DKIM key, in PEM. Default: `dkim/NAME.SELECTOR.key` in `storage.data_dir`.",
        Example = "/var/lib/mailserver/dkim/example.org.mail.key", IsFileReread = true)]
    public string? DkimKeyFile { get; init; }
}
