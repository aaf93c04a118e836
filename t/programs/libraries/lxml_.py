from lxml import etree, html
r = etree.fromstring('<a><b x="1">t</b><b/></a>'); print(r.xpath('//b/@x'), etree.tostring(r))
print(html.fromstring('<p>hi <b>x</p>').text_content())
x = etree.XSLT(etree.fromstring('<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><o><xsl:value-of select="count(//b)"/></o></xsl:template></xsl:stylesheet>'))
print(str(x(r)))
