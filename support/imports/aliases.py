"""What other departments usually call our columns, in English and Chinese.

Compared in small letters, simplified characters, and without spaces and marks: "Order No." is `orderno`.
"""

from __future__ import annotations

from collections.abc import Mapping

from support.words.han import simplified

_CUSTOMER = (
    "customerno customernumber customercode clientid clientno memberid memberno accountno buyerid "
    "客户编号 客户号 客户id 客户代码 顾客编号 会员编号 会员号 会员id 买家id 用户编号 用户id"
)
_WHEN = "datetime time timestamp happenedat createdat date 时间 日期 发生时间 创建时间 联系时间"
_SOURCE = "channel 来源 渠道 订单来源 客户来源"
_ORDER_DATE = (
    "orderdate orderedat purchasedate createdat orderdatetime "
    "日期 订单日期 下单日期 下单时间 购买日期 成交日期 交易日期"
)
_PHONE = "phonenumber mobile mobilephone mobilenumber cell tel telephone 电话 手机 手机号 手机号码 电话号码 联系电话"
_CONTACT = "touchpointid callid visitid complaintid caseid recordid ticketno id 编号 记录编号 投诉编号 工单号 通话编号"

ALIASES: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "customer_id": _CUSTOMER + " id no 编号",
        "name": "fullname customername clientname contactname 姓名 名字 名称 客户姓名 客户名称 会员姓名 联系人",
        "phone": _PHONE,
        "email": "emailaddress mail 邮箱 电子邮箱 邮件 电子邮件 邮箱地址",
        "telegram_id": "telegram telegramuserid tgid 电报id",
        "language": "lang locale 语言",
        "organisation": "organization company companyname employer 公司 公司名称 单位 组织 企业 企业名称",
        "source": _SOURCE,
        "referrer": "referredby referral 推荐人 介绍人",
    },
    "orders": {
        "order_id": "orderno ordernumber ordercode invoiceno id 订单号 订单编号 订单id 单号",
        "customer_id": _CUSTOMER,
        "date": _ORDER_DATE,
        "amount": "total totalamount ordertotal orderamount grandtotal sum 金额 订单金额 总金额 总额 总价 实付金额",
        "currency": "currencycode 币种 货币",
        "cost": "costs totalcost 成本 成本价",
        "product": "productname item itemname sku 商品 产品 商品名称 产品名称",
        "category": "productcategory 类别 分类 品类 商品类别 商品分类",
        "source": _SOURCE,
    },
    "touchpoints": {
        "external_id": _CONTACT,
        "customer_id": _CUSTOMER,
        "at": _WHEN,
        "kind": "type contacttype 类型 种类 联系方式 接触类型 联系类型",
        "direction": "方向 呼叫方向",
        "text": "note notes description content message summary details remark 内容 描述 备注 说明 摘要",
        "agent": "staff employee handledby operator 客服 坐席 员工 处理人 负责人",
        "outcome": "result resolution 结果 处理结果",
    },
}


def plain_name(name: str) -> str:
    """A column's name as it is compared."""
    return "".join(filter(str.isalnum, simplified(name.casefold())))
