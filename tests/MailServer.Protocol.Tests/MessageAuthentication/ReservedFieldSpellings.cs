namespace MailServer.Protocol.Tests.MessageAuthentication;

/// <summary>Spellings of a field in the name of mx.test or mx\u00fc.test, and fields that only look similar.</summary>
public static class ReservedFieldSpellings
{
    public static IReadOnlyList<string> AllForged { get; } =
    [
        "Authentication-Results: mx.test; spf=pass\r\n",
        "authentication-results : MX.TEST 1; spf=pass\r\n",
        "AUTHENTICATION-RESULTS:mx.test;spf=pass\r\n",
        "Authentication-Results:\r\n\tmx.test;\r\n\tspf=pass\r\n",
        "Authentication-Results:\r\n \r\n mx.test\r\n ; none\r\n",
        "Authentication-Results: mx.test\r\n",
        "Authentication-Results: mx.test.\r\n",
        "Authentication-Results: mx.test..; none\r\n",
        "Authentication-Results: mx.test 1 (x); none\r\n",
        "Authentication-Results: (really) mx.test (yes);\r\n\tspf=pass\r\n",
        "Authentication-Results: (a;b) mx.test; spf=pass\r\n",
        "Authentication-Results: (a(b;c)\\)d) mx.test; spf=pass\r\n",
        "Authentication-Results: mx.test(;)1; spf=pass\r\n",
        "Authentication-Results: mx(x).test; spf=pass\r\n",
        "Authentication-Results: \"mx.test\"; spf=pass\r\n",
        "Authentication-Results: \" mx.test \"; spf=pass\r\n",
        "Authentication-Results: \"mx\\.test\"; spf=pass\r\n",
        "Authentication-Results: \"mx.test\r\n",
        "Authentication-Results: mx.\"test\"; spf=pass\r\n",
        "Authentication-Results: =?utf-8?q?mx=2Etest?=; spf=pass\r\n",
        "Authentication-Results: mx\u3002test; spf=pass\r\n",
        "Authentication-Results: \uff4dx.test; spf=pass\r\n",
        "Authentication-Results: mx\u00fc.test; spf=pass\r\n",
        "Authentication-Results: MX\u00dc.test; spf=pass\r\n",
        "Authentication-Results: xn--mx-yka.test; spf=pass\r\n",
        "Return-Path: <a@mx.test>\r\n",
        "return-path :\r\n <>\r\n",
        "X-Quarantine-Reason: none\r\n",
        "x-quarantine-reason:\r\n",
    ];

    public static TheoryData<string> Forged => [.. AllForged];

    public static TheoryData<string> Foreign => new(
        "Authentication-Results: other.test; spf=pass\r\n",
        "Authentication-Results: mx.test.other; spf=pass\r\n",
        "Authentication-Results: amx.test; spf=pass\r\n",
        "Authentication-Results: other.test; spf=pass smtp.mailfrom=mx.test\r\n",
        "Authentication-Results: other.test (mx.test); spf=pass\r\n",
        "Authentication-Results:\r\n",
        "Authentication-Results: ;mx.test\r\n",
        "X-Authentication-Results: mx.test; spf=pass\r\n",
        "ARC-Authentication-Results: i=1; mx.test; spf=pass\r\n",
        "Received-SPF: pass (mx.test) receiver=mx.test\r\n",
        "Delivered-To: a@mx.test\r\n",
        "X-Return-Path: <a@mx.test>\r\n");
}
