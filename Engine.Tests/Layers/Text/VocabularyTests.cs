using System.Text;
using Engine.Layers;

namespace Engine.Tests;

public class VocabularyTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    private static readonly string[][] Texts = [["b", "a", "c", "a"], ["a", "b", "é"], ["Z", "c", "d", "<eos>"]];

    [Test]
    public void Build_NumbersByFrequencyThenOrdinally()
    {
        var words = Vocabulary.Build(Texts, special: ["<bos>", "<eos>"]);
        Assert.That(words.Tokens, Is.EqualTo(new[] { "<pad>", "<unk>", "<bos>", "<eos>", "a", "b", "c", "Z", "d", "é" }));
        Assert.That((words.Padding, words.Unknown, words.Count), Is.EqualTo((0, 1, 10)));
        Assert.That(Enumerable.Range(0, 10).Select(words.CountOf), Is.EqualTo(new long[] { 0, 0, 0, 1, 3, 2, 2, 1, 1, 1 }));
        Assert.That(Vocabulary.Build(Texts.Reverse()).Tokens, Is.EqualTo(Vocabulary.Build(Texts).Tokens), "whatever the order of the texts");
    }

    [Test]
    public void Build_CutsWhatIsRareOrTooMuch()
    {
        Assert.That(Vocabulary.Build(Texts, minCount: 2).Tokens, Is.EqualTo(new[] { "<pad>", "<unk>", "a", "b", "c" }));
        Assert.That(Vocabulary.Build(Texts, maxSize: 4).Tokens, Is.EqualTo(new[] { "<pad>", "<unk>", "a", "b" }));
        Assert.That(Vocabulary.Build(Texts, maxSize: 2).Tokens, Is.EqualTo(new[] { "<pad>", "<unk>" }));
        Assert.That(Vocabulary.Build([]).Count, Is.EqualTo(2));
        Assert.That(() => Vocabulary.Build(Texts, maxSize: 2, special: "<bos>"), Throws.ArgumentException.With.Message.Contains("1 special"));
        Assert.That(() => Vocabulary.Build(Texts, special: ["x", "x"]), Throws.ArgumentException.With.Message.Contains("'x' is token 2 and token 3"));
    }

    [Test]
    public void UnknownTokens_HaveTheUnknownId_AndComeBackAsThat()
    {
        var words = Vocabulary.Build(Texts);
        Assert.That(words.Encode(["a", "nowhere", "A", "c"]), Is.EqualTo(new[] { 2, 1, 1, 4 }));
        Assert.That(words.Decode([2, 1, 0]), Is.EqualTo(new[] { "a", "<unk>", "<pad>" }));
        Assert.That(words.Encode([]), Is.Empty);
        Assert.That((words.Contains("a"), words.Contains("nowhere")), Is.EqualTo((true, false)));
        Assert.That(() => words.Decode([2, 99]), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("99"));
        Assert.That(() => words[-1], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Saved_ComesBack_WhateverTheTokens()
    {
        var words = Vocabulary.Build([["\t", "\n", "\\", "\\n", "\r", " ", "été", "😀", "a"], ["\\"]]);
        string path = folder.File("words.txt");
        words.Save(path);
        var loaded = Vocabulary.Load(path);
        Assert.That(loaded.Tokens, Is.EqualTo(words.Tokens));
        Assert.That(Enumerable.Range(0, words.Count).Select(loaded.CountOf), Is.EqualTo(Enumerable.Range(0, words.Count).Select(words.CountOf)));
        loaded.Save(path);
        Assert.That(Vocabulary.Load(path).Tokens, Is.EqualTo(words.Tokens));
        new Vocabulary(["<pad>", "<unk>", "x"]).Save(path);
        Assert.That(File.ReadAllText(path), Is.EqualTo("<pad>\n<unk>\nx\n"));
    }

    [Test]
    public void ATokenThatIsNoUnicode_IsNotSaved()
    {
        string path = folder.File("words.txt");
        File.WriteAllText(path, "before");
        Assert.That(() => new Vocabulary(["<pad>", "<unk>", "\uD800"]).Save(path), Throws.InstanceOf<ArgumentException>());
        Assert.That(File.ReadAllText(path), Is.EqualTo("before"));
    }

    [Test]
    public void OtherPeoplesLists_AreRead()
    {
        string path = folder.Write("vocab.txt", "[PAD]\r\n[UNK]\r\n\\\r\na\\b\r\n"u8.ToArray());
        var words = Vocabulary.Load(path, "[PAD]", "[UNK]");
        Assert.That(words.Tokens, Is.EqualTo(new[] { "[PAD]", "[UNK]", "\\", "a\\b" }));
        Assert.That(words["never"], Is.EqualTo(1));
        Assert.That(() => Vocabulary.Load(path), Throws.TypeOf<DataFormatException>().With.Message.Contains("'<pad>'").And.Message.Contains(path));
    }

    [TestCase("<pad>\n<unk>\n\nb\n", 3L, "empty")]
    [TestCase("<pad>\n<unk>\nb\nc\nb\n", 5L, "'b' came before")]
    [TestCase("<pad>\n<unk>\nb\tmany\n", 3L, "'many' is no count")]
    [TestCase("<pad>\n<unk>\nb\t-1\n", 3L, "'-1'")]
    public void AFileThatIsNoVocabulary_IsRefused_WithItsLine(string text, long line, string says)
    {
        string path = folder.Write("words.txt", Encoding.UTF8.GetBytes(text));
        var error = Assert.Throws<DataFormatException>(() => Vocabulary.Load(path))!;
        Assert.That((error.File, error.Line), Is.EqualTo((path, (long?)line)));
        Assert.That(error.Message, Does.Contain(says).And.Contain($"line {line}"));
    }

    [Test]
    public void NoFile_AndNoTokens_AreRefused()
    {
        Assert.That(() => Vocabulary.Load(folder.File("none")), Throws.TypeOf<FileNotFoundException>());
        Assert.That(() => Vocabulary.Load(folder.Write("empty", [])), Throws.TypeOf<DataFormatException>());
        Assert.That(() => Vocabulary.Load(folder.Write("latin", [(byte)'<', 0xE9, (byte)'\n'])), Throws.TypeOf<DataFormatException>());
        Assert.That(() => new Vocabulary(["<pad>", "a"]), Throws.ArgumentException.With.Message.Contains("'<unk>'"));
        Assert.That(() => new Vocabulary(["<pad>", "<unk>", ""]), Throws.ArgumentException.With.Message.Contains("Token 2"));
    }
}
