using Engine.Layers;

namespace Engine.Tests;

public class SentenceSplitTests
{
    [TestCase("One. Two! Three?", "One.|Two!|Three?")]
    [TestCase("He said \"No.\" She left (at last.) Then rain...", "He said \"No.\"|She left (at last.)|Then rain...")]
    [TestCase("It costs 3.50 at www.shop.com. fine, it does", "It costs 3.50 at www.shop.com. fine, it does")]
    [TestCase("J. Smith met U.S. Grant. Both left", "J. Smith met U.S. Grant.|Both left")]
    [TestCase("What?! Really... Yes… 10 of them.", "What?!|Really...|Yes…|10 of them.")]
    [TestCase("a line\nanother line\r\n\n  a third  ", "a line|another line|a third")]
    [TestCase("一つ。二つ！三つ", "一つ。|二つ！|三つ")]
    [TestCase("... . !", "...|.|!")]
    [TestCase(" \n ", "")]
    [TestCase("", "")]
    public void ATextIsCut_AtTheEndsOfItsSentences(string text, string sentences)
        => Assert.That(string.Join('|', SentenceSplit.AtMarks(text)), Is.EqualTo(sentences));

    [Test]
    public void NothingButWhiteSpace_IsLost()
    {
        const string text = "Well... \"Is it? (Yes!)\" he asked.No. A. B. c! \n end.\n\n \"";
        Assert.That(string.Concat(SentenceSplit.AtMarks(text)).Replace(" ", ""), Is.EqualTo(text.Replace(" ", "").Replace("\n", "")));
    }
}
