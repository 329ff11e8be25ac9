using System.Text;
using Engine.Core;
using Engine.Layers;

namespace Engine.Tests;

public class CsvFilesTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    private string Text(string text, string name = "a.csv") => folder.Write(name, Encoding.UTF8.GetBytes(text));

    private static CsvRecord[] Records(CsvFiles files) => [.. files.Read(new Rng(1), default)];

    [Test]
    public void Records_MayGoOverLines()
    {
        var records = Records(new CsvFiles([Text("text,class\n\"two\nlines, \"\"so\"\"\r\nthree\",1\n\nplain,2\n,\n")], skipLines: 1));
        Assert.That(records.Select(record => record.Fields), Is.EqualTo(new string[][] { ["two\nlines, \"so\"\nthree", "1"], ["plain", "2"], ["", ""] }));
        Assert.That(records.Select(record => record.Line.Number), Is.EqualTo(new[] { 2, 6, 7 }));
    }

    [Test]
    public void Tabs_AndQuotesThatMeanNothing()
    {
        string path = Text("\"Look,\" he said.\tRegarde.\nGo.\tVa !\n");
        Assert.That(Records(new CsvFiles([path], '\t', quotes: false)).Select(record => record.Fields), Is.EqualTo(new string[][] { ["\"Look,\" he said.", "Regarde."], ["Go.", "Va !"] }));
        Assert.That(() => Records(new CsvFiles([path], '\t')), Throws.TypeOf<DataFormatException>().With.Message.Contains("quotes be false"));
    }

    [TestCase("a,b\n1,\"open\n2,c\n", 2L, "column 3 is not closed")]
    [TestCase("a,b\n1,\"x\"z\n2,c\n", 2L, "Column 6")]
    [TestCase("a,b\n1,2\n\n1,2,3\n", 4L, "3 fields")]
    [TestCase("a;b\n", 1L, "1 fields")]
    public void WhatIsNoRecord_IsRefused_WithFileAndLine(string text, long line, string says)
    {
        string path = Text(text);
        var error = Assert.Throws<DataFormatException>(() => Records(new CsvFiles([path], fields: 2)))!;
        Assert.That((error.File, error.Line), Is.EqualTo((path, (long?)line)));
        Assert.That(error.Message, Does.Contain(path).And.Contain($"line {line}").And.Contain(says));
    }

    [Test]
    public void AnOpenQuote_EndsWithItsFile_AndBeforeItFillsTheMemory()
    {
        string open = Text("1,\"open\n", "1.csv"), other = Text("2,\"b\"\n", "2.csv");
        Assert.That(() => Records(new CsvFiles([open, other])), Throws.TypeOf<DataFormatException>().With.Message.Contains(open));
        string huge = Text("1,\"open\n" + string.Concat(Enumerable.Repeat("2,word\n", 1_000_000)), "3.csv");
        var error = Assert.Throws<DataFormatException>(() => Records(new CsvFiles([huge], longest: 10_000)))!;
        Assert.That(error.Line, Is.EqualTo(1));
        Assert.That(error.Message, Does.Contain("10,000"));
    }

    [Test]
    public void EmptyFiles_HaveNoRecords_AndOtherEncodingsAreRefused()
    {
        Assert.That(Records(new CsvFiles([Text("")])), Is.Empty);
        string latin = folder.Write("l.csv", Encoding.Latin1.GetBytes("a,b\ncafé,1\n"));
        var error = Assert.Throws<DataFormatException>(() => Records(new CsvFiles([latin])))!;
        Assert.That((error.File, error.Offset), Is.EqualTo((latin, 4L)));
        Assert.That(Records(new CsvFiles([latin], encoding: Encoding.Latin1))[1].Fields[0], Is.EqualTo("café"));
    }
}
